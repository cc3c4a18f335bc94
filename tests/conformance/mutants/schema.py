"""Servers whose answers don't look as documented."""

from typing import Any

from mockserver.api import calendars
from mockserver.domain.configuration import Configuration
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import asked_by, instead_of


@mutant("BK-CONF-001", also=["BK-CONF-004", "BK-AVAIL-018", "BK-RR-001", "BK-RR-002"])
def read_without_participants() -> None:
    """A configuration is read without its participants' e-mail addresses."""
    shown = Configuration.shown

    def spoiled(self: Configuration) -> dict[str, Any]:
        body = shown(self)
        if asked_by("GET"):
            ran()
            return {**body, "participants": [{"name": "somebody"} for _ in body["participants"]]}
        return body

    Configuration.shown = spoiled  # type: ignore[method-assign]


@mutant("BK-CAL-001")
def calendars_without_a_name() -> None:
    """Calendars are listed without their id."""

    @instead_of(calendars, "shown")
    def spoiled(shown: Any, *which: Any) -> dict[str, Any]:
        ran()
        return {**shown(*which), "id": None}


@mutant("BK-CAL-001", also=["BK-WIRE-009"], kinds=["time"])
def busy_by_the_calendar() -> None:
    """Busy times are dates in words."""

    @instead_of(calendars, "_free_busy")
    def spoiled(free_busy: Any, *which: Any) -> dict[str, Any]:
        found: dict[str, Any] = free_busy(*which)
        for slot in found.get("time_slots", ()):
            ran()
            slot["start_time"] = "tomorrow"
        return found
