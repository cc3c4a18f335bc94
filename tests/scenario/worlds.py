"""The smallest worlds that tests start from, as text, so that lines can be counted."""

WORLD = """\
version: 1
clock: {mode: frozen, now: 2026-03-02T09:00:00Z}
grants:
  alice:
    email: alice@example.com
    calendars:
      main: {timezone: Europe/Berlin}
configurations:
  intro:
    grant: alice
    body:
      participants:
        - email: alice@example.com
          is_organizer: true
          availability: {calendar_ids: [primary]}
          booking: {calendar_id: primary}
      availability: {duration_minutes: 30}
      event_booking: {title: Intro}
"""
"""Alice and one configuration; the next line is line 19."""

NOW = 1_772_442_000
"""Where its clock stands: Monday, 2 March 2026, 09:00 UTC, 10:00 in Berlin."""

GUEST = "guest: {name: Gil, email: gil@example.com}"


def with_event(event: str) -> str:
    """The world with one event, on `EVENT_LINE`, in Alice's calendar."""
    calendar = "main:\n        timezone: Europe/Berlin\n        events:\n          - "
    return WORLD.replace("main: {timezone: Europe/Berlin}", calendar + event)


EVENT_LINE = 10
