"""Where scenarios come from: those that travel with the program, files and folders."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from mockserver.resources import data_path
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.yaml_places import MAX_BYTES, Document, load_text

DEFAULT = "default"
TEMPLATE = "template"
"""The packaged scenario that new ones are written from."""

_SENTENCE_END = re.compile(r"(?<=[.?]) (?=[A-Z])")
_NAME = re.compile(r"^name:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ScenarioInfo:
    """A scenario that travels with the program. `steps` is how many it replays."""

    name: str
    description: str
    path: Path
    steps: int

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        return _SENTENCE_END.split(self.description, maxsplit=1)[0]


def list_scenarios() -> list[ScenarioInfo]:
    """The packaged scenarios: the default one first, then by name, those of subfolders last."""
    return [_info(name, path) for name, path in _packaged().items()]


def scenario_names() -> list[str]:
    """The names of the packaged scenarios, in the same order, without a look into the files."""
    return list(_packaged())


def find_scenario(name: str) -> ScenarioInfo:
    """The packaged scenario of that name. Raises ScenarioError, naming what may have been meant."""
    packaged = _packaged()
    if name in packaged:
        return _info(name, packaged[name])
    raise _unreadable(name, f"expected the name of a scenario that comes along; {_hint(name)}")


def scenario_files(source: str) -> list[Path]:
    """The files that a name, a file or a folder stands for; of a folder, those of its subfolders too.

    Raises ScenarioError if there are none.
    """
    path = Path(source)
    if source in _packaged() or not path.is_dir():
        return _paths(source)
    found = sorted(
        each for pattern in ("*.yaml", "*/*.yaml") for each in path.glob(pattern) if each.is_file()
    )
    if not found:
        raise _unreadable(source, "expected a folder with .yaml files, there are none")
    return found


def read_documents(sources: Sequence[str]) -> list[Document]:
    """The documents that the sources name: packaged scenarios, files, and folders of them.

    Raises ScenarioError with all that cannot be read. No sources: the default scenario.
    """
    documents, problems = [], []
    for source in sources or (DEFAULT,):
        try:
            documents += [read_document(path) for path in _paths(source)]
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return documents


def read_document(path: Path) -> Document:
    """The document in a file. Raises ScenarioError."""
    text = _text(path)
    document = load_text(text, str(path))
    document.folder = path.parent
    return document


def write_new(target: Path, source: str = TEMPLATE, force: bool = False) -> list[Path]:
    """Write a scenario from a packaged one, named after the file, with the files that it refers to.

    Answers with what was written. Raises ScenarioError if the source is none, OSError, and unless `force` is
    given FileExistsError, naming what is in the way; nothing is written then.
    """
    path = find_scenario(source).path
    text = _NAME.sub(f"name: {json.dumps(target.stem)}", _text(path), count=1)
    needed = {each: _text(path.parent / each) for each in _calendar_files(read_document(path).value)}
    contents = {target: text, **{target.parent / each: ics for each, ics in needed.items()}}
    if not force:
        for each in contents:
            if each.exists():
                raise FileExistsError(each)
    for each, content in contents.items():
        if each is not target:
            each.parent.mkdir(exist_ok=True)
        each.write_text(content, encoding="utf-8")
    return list(contents)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        return raw.decode()
    except OSError as error:
        raise _unreadable(str(path), f"expected a file that can be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError([Problem(str(path), line, "", "expected text in UTF-8")]) from error


@lru_cache(maxsize=1)
def _packaged() -> Mapping[str, Path]:
    """The files of the packaged scenarios by name, such as `pain/outcome-unknown`."""
    root = data_path("scenarios")
    names = {path.relative_to(root).with_suffix("").as_posix(): path for path in root.rglob("*.yaml")}
    return {
        name: names[name] for name in sorted(names, key=lambda name: (name != DEFAULT, "/" in name, name))
    }


def _paths(source: str) -> list[Path]:
    """The files that are to be one scenario."""
    packaged = _packaged()
    if source in packaged:
        return [packaged[source]]
    path = Path(source)
    if path.is_dir():
        found = sorted(each for each in path.glob("*.yaml") if each.is_file())
        if not found:
            raise _unreadable(source, "expected a folder with .yaml files, there are none")
        return found
    if path.is_file():
        return [path]
    raise _unreadable(source, f"expected a file, a folder or the name of a scenario; {_hint(source)}")


def _hint(name: str) -> str:
    """What may have been meant by a name that is none."""
    packaged = _packaged()
    stem = name.removesuffix(".yaml")
    same_end = [each for each in packaged if each.rpartition("/")[2] == stem.rpartition("/")[2]]
    meant = same_end or get_close_matches(stem, packaged, 3)
    if meant:
        return f"did you mean {' or '.join(meant)}?"
    if stem != name or Path(name).is_absolute():
        return "there is no such file"
    top = [each for each in packaged if "/" not in each]
    return f"there is {', '.join(top)}, and {len(packaged) - len(top)} under pain/"


def _info(name: str, path: Path) -> ScenarioInfo:
    value = read_document(path).value
    return ScenarioInfo(name, " ".join(value["description"].split()), path, len(value.get("steps", ())))


def _calendar_files(value: Any) -> Iterator[str]:
    for grant in value.get("grants", {}).values():
        for calendar in grant.get("calendars", {}).values():
            if "ics" in calendar:
                yield calendar["ics"]


def _unreadable(source: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(source, 1, "", message)])
