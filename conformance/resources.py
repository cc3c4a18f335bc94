"""Where the suite's files lie, and the contract."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_data"  # a wheel carries the contract here; a checkout has it beside the package
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same rules ten times as fast, where PyYAML was built with them."""
METHODS = ("get", "put", "post", "delete", "patch")


def contract_path() -> Path:
    """The contract that implementations are judged by."""
    root = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent
    return root / "contracts" / "openapi.yaml"


@cache
def contract() -> dict[str, Any]:
    """The contract, read once. Nobody may change it."""
    document: dict[str, Any] = _read(contract_path())
    return document


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Method and path template by operation id."""
    return {
        item[method]["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method in METHODS
        if method in item
    }


def packaged(name: str) -> Any:
    """The YAML of a file that lies in this package."""
    return _read(_PACKAGE / name)


def _read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), _LOADER)  # noqa: S506 -- a safe one
