"""Calendars and events that a call names. Raising what the control plane refuses with."""

from mockserver.control.refusals import invalid, not_found
from mockserver.domain import outsiders
from mockserver.domain.calendars import Event
from mockserver.domain.outsiders import NotFound, Place
from mockserver.domain.transaction import Transaction


def find_place(tx: Transaction, wanted: str, path: str) -> Place:
    """The calendar that goes by a name. Raises ControlRefusal, naming the choices."""
    try:
        return outsiders.find_place(tx.world, wanted)
    except NotFound as error:
        raise invalid(str(error), path) from error


def find_event(tx: Transaction, event_id: str, within: Place | None) -> tuple[Place, Event]:
    """The event of that id, on that calendar or on any. Raises ControlRefusal."""
    found = [
        (Place(grant, calendar), event)
        for grant in tx.world.grants.values()
        for calendar in grant.calendars.values()
        if (event := calendar.get(event_id)) is not None and (within is None or within.calendar is calendar)
    ]
    if not found:
        raise not_found("no calendar has an event of that id")
    if len(found) > 1:
        places = outsiders.listed([place for place, _ in found])
        raise invalid(f"several calendars have that event: expected one of {places}", "calendar")
    return found[0]
