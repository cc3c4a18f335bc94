"""Scenarios as YAML, with comments, in the form that people write."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from mockserver.scenario.yaml_places import MAX_BYTES

COMMENT = "#"
"""The key under which a mapping holds the lines of its comment."""

WIDTH = 110
SHORT = 88
"""A collection of plain values that fits in so many characters stands on one line."""

_NUMBER = re.compile(r"[-+]?[0-9][0-9.eE+-]*")
"""What would be read as a number, were it not in quotes."""

_MARK = re.compile(r"^(?P<indent> *)(?P<dash>- )?'#(?P<number>\d+)': null\n(?: *(?=\S))?", re.MULTILINE)


class TooLong(ValueError):
    """A scenario would be longer than any that can be loaded."""


try:
    from yaml import CSafeDumper as Dumper
except ImportError:  # PyYAML without libyaml: the same, only slower
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]


class _Dumper(Dumper):
    """Writes every value out, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(document: Mapping[str, Any], heading: list[str]) -> str:
    """The document as text; what stands under `#` in its mappings becomes comments. Raises TooLong."""
    comments: list[list[str]] = []
    marked = _marked(document, comments)
    text = yaml.dump(
        marked, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )
    text = _MARK.sub(lambda found: _comment(found, comments), text)
    text = "".join(f"# {line}\n" for line in heading) + text
    if len(text.encode()) > MAX_BYTES:
        raise TooLong(f"the scenario would have more than {MAX_BYTES // 1024 // 1024} MiB")
    return text


def without_comments(value: Any) -> Any:
    """The document as plain data."""
    if isinstance(value, Mapping):
        return {key: without_comments(each) for key, each in value.items() if key != COMMENT}
    if isinstance(value, list):
        return [without_comments(each) for each in value]
    return value


class _Marked(dict[str, Any]):
    """A mapping that has a comment, and so its own lines."""


def _marked(value: Any, comments: list[list[str]]) -> Any:
    if isinstance(value, Mapping):
        found = _Marked() if COMMENT in value else {}
        for key, each in value.items():
            if key == COMMENT:
                comments.append([str(line) for line in each])
                found[f"#{len(comments) - 1}"] = None
            else:
                found[key] = _marked(each, comments)
        return found
    if isinstance(value, list):
        return [_marked(each, comments) for each in value]
    return value


def _comment(found: re.Match[str], comments: list[list[str]]) -> str:
    """The lines of a comment, and the beginning of the line after it."""
    indent = found["indent"]
    lines = "".join(f"{indent}# {_one_line(each)}\n" for each in comments[int(found["number"])])
    return f"{lines}{indent}{found['dash'] or ''}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_short(value: Any) -> bool:
    """Whether a collection may stand on one line."""
    return not isinstance(value, _Marked) and not _has_comment(value) and len(repr(value)) <= SHORT


def _has_comment(value: Any) -> bool:
    if isinstance(value, _Marked):
        return True
    below = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_has_comment, below))


def _mapping(dumper: Any, value: Mapping[str, Any]) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=_is_short(value))


def _list(dumper: Any, value: list[Any]) -> Any:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_is_short(value))


def _text(dumper: Any, value: str) -> Any:
    style = '"' if _NUMBER.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _nothing(dumper: Any, value: None) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "null")


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(_Marked, _mapping)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)
