"""`conformance.toml`: the options of a command, by their names."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

DEFAULT = Path("conformance.toml")
NOT_IN_FILE = ("config", "print-config", "help")
PAIRS = ("configuration", "session", "booking")
"""Options of the form NAME=VALUE: in the file they may be tables too."""


def key_of(param: click.Parameter) -> str:
    """How an option is called in the file: its name without the dashes."""
    return max(param.opts, key=len).removeprefix("--")


def read_file(ctx: click.Context, param: click.Parameter, given: Path | None) -> None:
    """Make what a file says the defaults of a command, so that options and variables come first."""
    path = given or (DEFAULT if DEFAULT.is_file() else None)
    if path is None:
        return
    document = _document(path)
    params = {key: each for each in _all_params(ctx) if (key := key_of(each)) not in NOT_IN_FILE}
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key not in params:
            raise click.UsageError(f"{path}: {key}: {_unknown(key, params)}")
        option = params[key]
        read = _value(key, value, option, path)
        try:
            option.type_cast_value(ctx, read)
        except click.BadParameter as error:
            raise click.UsageError(f"{path}: {key}: {error.message}") from None
        found[str(option.name)] = read
    ctx.default_map = found
    ctx.meta["conformance.file"] = path


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise click.UsageError(f"{path}: is no TOML: {error}") from None


def _all_params(ctx: click.Context) -> list[click.Parameter]:
    """The options of `run`: one file serves every command, which takes from it what it has."""
    root = ctx.find_root().command
    run = root.get_command(ctx, "run") if isinstance(root, click.Group) else None
    return (run or ctx.command).get_params(ctx)


def _unknown(key: str, params: Mapping[str, click.Parameter]) -> str:
    close = get_close_matches(key.replace("_", "-"), params, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"there is no such key; expected one of {', '.join(sorted(params))}.{hint}"


def _value(key: str, value: Any, option: click.Parameter, path: Path) -> Any:
    """A value as the option takes it. Refuses what TOML can say and no option means."""
    if getattr(option, "is_flag", False):
        if not isinstance(value, bool):
            raise click.UsageError(f"{path}: {key}: expected true or false, got {value!r}")
        return value
    if not getattr(option, "multiple", False):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise click.UsageError(f"{path}: {key}: expected one value, got {type(value).__name__}")
        return value
    if isinstance(value, dict) and key in PAIRS:
        value = [f"{name}={each}" for name, given in value.items() for each in _listed(given)]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        table = " or a table" if key in PAIRS else ""
        raise click.UsageError(f"{path}: {key}: expected a list of texts{table}")
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
