"""Where scenarios come from: those that travel with the program, files and folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mockserver.resources import data_path
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.yaml_places import MAX_BYTES, Document, load_text

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class ScenarioInfo:
    """A scenario that travels with the program."""

    name: str
    description: str
    path: Path


def list_scenarios() -> list[ScenarioInfo]:
    """The packaged scenarios, the default one first, the others by name."""
    paths = sorted(_packaged(), key=lambda path: (path.stem != DEFAULT, path.stem))
    return [ScenarioInfo(path.stem, _description(path), path) for path in paths]


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
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode()
    except OSError as error:
        raise _unreadable(str(path), f"expected a file that can be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError([Problem(str(path), line, "", "expected text in UTF-8")]) from error
    document = load_text(text, str(path))
    document.folder = path.parent
    return document


def _packaged() -> list[Path]:
    return list(data_path("scenarios").glob("*.yaml"))


def _paths(source: str) -> list[Path]:
    for path in _packaged():
        if path.stem == source:
            return [path]
    path = Path(source)
    if path.is_dir():
        found = sorted(each for each in path.glob("*.yaml") if each.is_file())
        if not found:
            raise _unreadable(source, "expected a folder with .yaml files, there are none")
        return found
    if path.is_file():
        return [path]
    names = ", ".join(each.name for each in list_scenarios())
    raise _unreadable(source, f"expected a file, a folder or one of {names}")


def _description(path: Path) -> str:
    value = read_document(path).value
    return " ".join(str(value.get("description", "")).split()) if isinstance(value, dict) else ""


def _unreadable(source: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(source, 1, "", message)])
