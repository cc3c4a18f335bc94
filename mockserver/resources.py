"""Where the files lie that travel with the program: the contracts and the scenarios."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_data"  # a wheel carries the two folders here; a checkout has them beside the package


def data_path(relative: str) -> Path:
    """The place of a file or folder such as `contracts/openapi.yaml`, in a wheel as in a checkout.

    Says where it belongs; whether it exists is for the caller to find out.
    """
    root = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent
    return root / relative
