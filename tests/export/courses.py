"""What may happen in a sandbox: drawn by Hypothesis, then done."""

from typing import Any

from hypothesis import strategies as st

from mockserver.domain.reference import decode_reference
from tests.control.plane import Plane
from tests.support.worlds import API_KEY, ASK, INTRO, NOW, PRIVATE, TEN

BOOKINGS = "/v3/scheduling/bookings"
SLOT = 1800

names = st.sampled_from(["Gina Guest", "Ann", "Ünal Özil", "yes", "12:30", "$ref", "${x}", "null"])
people = st.builds(lambda name, n: {"name": name, "email": f"g{n}@private.example"}, names, st.integers(0, 3))
starts = st.builds(lambda n: TEN - 3600 + n * SLOT, st.integers(0, 9))
steps = st.one_of(
    st.tuples(st.just("book"), starts, people, st.sampled_from([INTRO, ASK])),
    st.tuples(st.just("book with a session"), starts, people),
    st.tuples(st.sampled_from(["read", "cancel", "confirm", "decline", "settings"]), st.integers(0, 5)),
    st.tuples(st.just("move"), st.integers(0, 5), starts),
    st.tuples(st.just("slots")),
    st.tuples(st.just("fill"), starts, st.sampled_from(["alice", "bob"]), names),
    st.tuples(st.just("free"), st.integers(0, 3)),
    st.tuples(st.just("advance"), st.sampled_from(["PT1S", "PT45M", "PT3H"])),
    st.tuples(
        st.just("fault"), st.sampled_from([{"status": 503}, {"status": 429, "headers": {"Retry-After": "1"}}])
    ),
    st.tuples(st.just("forget")),
    st.tuples(st.sampled_from(["nonsense", "events", "configurations"])),
)


class Course:
    """Does what was drawn, in one mock."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.made: list[tuple[str, str, str]] = []
        self.events: list[str] = []

    def take(self, what: str, *how: Any) -> None:
        getattr(self, f"_{what.replace(' ', '_')}")(*how)

    def _keep(self, answer: Any, configuration: str) -> None:
        if answer.status_code == 200:
            data = answer.json["data"]
            self.made.append((data["booking_id"], configuration, decode_reference(data["booking_ref"]).salt))

    def _book(self, start: int, guest: dict[str, str], configuration: str) -> None:
        self._keep(self.plane.book(start, configuration, guest=guest), configuration)

    def _book_with_a_session(self, start: int, guest: dict[str, str]) -> None:
        made = self.plane.call("POST", "/v3/scheduling/sessions", {"configuration_id": PRIVATE}, key=API_KEY)
        if made.status_code == 200:
            self.plane.book(start, key=made.json["data"]["session_id"], guest=guest)

    def _about(self, method: str, index: int, body: Any = None) -> None:
        if self.made:
            booking_id, configuration, _ = self.made[index % len(self.made)]
            query = {"configuration_id": configuration}
            self.plane.call(method, f"{BOOKINGS}/{booking_id}", body, query=query)

    def _read(self, index: int) -> None:
        self._about("GET", index)

    def _cancel(self, index: int) -> None:
        self._about("DELETE", index, {"cancellation_reason": "Ann is ill"})

    def _confirm(self, index: int) -> None:
        if self.made:
            self._about("PUT", index, {"status": "confirmed", "salt": self.made[index % len(self.made)][2]})

    def _decline(self, index: int) -> None:
        if self.made:
            salt = self.made[index % len(self.made)][2]
            body = {"status": "cancelled", "salt": salt, "cancellation_reason": "no"}
            self._about("PUT", index, body)

    def _move(self, index: int, start: int) -> None:
        self._about("PATCH", index, {"start_time": start, "end_time": start + SLOT})

    def _settings(self, index: int) -> None:
        query = {"configuration_id": INTRO}
        mine = [id for id, configuration, _ in self.made if configuration == INTRO]
        if mine:
            query["booking_id"] = mine[index % len(mine)]
        self.plane.call("GET", "/v3/scheduling/ui-settings", query=query)

    def _slots(self) -> None:
        query = {"configuration_id": INTRO, "start_time": NOW, "end_time": TEN + 3 * 3600}
        self.plane.call("GET", "/v3/scheduling/availability", query=query)

    def _fill(self, start: int, calendar: str, title: str) -> None:
        body = {"calendar": calendar, "start_time": start, "end_time": start + 900, "title": title}
        self.events.append(self.plane.done("POST", "events", body)["id"])

    def _free(self, index: int) -> None:
        if self.events:
            self.plane.done("DELETE", f"events/{self.events[index % len(self.events)]}", {})

    def _advance(self, duration: str) -> None:
        self.plane.done("PATCH", "clock", {"advance": duration})

    def _fault(self, effect: dict[str, Any]) -> None:
        match = {"path": "/v3/scheduling/**"}
        self.plane.done("POST", "faults", {"match": match, "times": 1, "effect": effect})

    def _forget(self) -> None:
        self.plane.done("DELETE", "requests", {})

    def _nonsense(self) -> None:
        body = {"start_time": "soon", "guest": {"email": "x@private.example"}, "note": "Call Ann"}
        self.plane.call("POST", BOOKINGS, body, query={"configuration_id": "undefined"})

    def _events(self) -> None:
        query = {"calendar_id": "primary", "show_cancelled": "true"}
        self.plane.call("GET", "/v3/grants/alice@example.com/events", query=query, key=API_KEY)

    def _configurations(self) -> None:
        self.plane.call("GET", "/v3/grants/alice@example.com/scheduling/configurations", key=API_KEY)
