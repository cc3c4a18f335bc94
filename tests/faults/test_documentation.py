"""What `docs/faults.md` shows can be written like that."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mockserver.scenario import parse_scenario
from tests.support.npm import ROOT
from tests.support.worlds import DOCUMENT

PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def faults() -> Iterator[Any]:
    """Every fault in a block of YAML, and every effect in the table of what happens."""
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        value = yaml.safe_load(block)
        yield from value["faults"] if isinstance(value, dict) else value
    table = PAGE.partition("### Which one for what")[2].partition("\n\nAn answer")[0]
    for cell in re.findall(r"^\| [^|]+ \| (.*) \|$", table, re.MULTILINE):
        following = re.search(r"`following: (\w+)`", cell)
        match = {"operation": "createBooking", **({"following": following[1]} if following else {})}
        for effect in re.findall(r"`(\{.*?\})`", cell):
            yield {"match": match, "effect": yaml.safe_load(effect)}


FOUND = list(faults())


def test_there_are_some() -> None:
    assert len(FOUND) > 20


@pytest.mark.parametrize("fault", FOUND, ids=str)
def test_it_is_a_fault(fault: Any) -> None:
    (read,) = parse_scenario({**DOCUMENT, "faults": [fault]}).faults
    assert read.as_dict()["effect"] == fault["effect"]
