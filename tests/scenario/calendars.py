"""Small calendar files, as text and in the world that is seeded from them."""

from pathlib import Path

import pytest

from mockserver.domain.calendars import Calendar, Event
from mockserver.domain.ids import Ids
from mockserver.scenario import Problem, ScenarioError, load_scenario
from tests.scenario.worlds import NOW, WORLD

FILE = "cal.ics"
SEEDED = WORLD.replace("main: {timezone: Europe/Berlin}", f"main: {{timezone: Europe/Berlin, ics: {FILE}}}")
UNZONED = WORLD.replace("main: {timezone: Europe/Berlin}", f"main: {{ics: {FILE}}}")


def vevent(*lines: str, uid: str = "a@example.com") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def vcalendar(*parts: str) -> str:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""])


def calendar_of(folder: Path, text: str | bytes, world: str = SEEDED) -> Calendar:
    """The calendar that a file seeds, in a world in the folder."""
    (folder / "world.yaml").write_text(world)
    (folder / FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    scenario = load_scenario([str(folder / "world.yaml")])
    (grant,) = scenario.build(NOW, Ids(scenario.seed), "http://localhost").grants.values()
    (calendar,) = grant.calendars.values()
    return calendar


def event_of(folder: Path, *lines: str) -> Event:
    """The only event of a file with one."""
    (event,) = calendar_of(folder, vcalendar(vevent(*lines))).events
    return event


def problems_of(folder: Path, text: str | bytes, world: str = SEEDED) -> list[Problem]:
    with pytest.raises(ScenarioError) as raised:
        calendar_of(folder, text, world)
    return raised.value.problems
