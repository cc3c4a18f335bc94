"""Law 5: on a frozen clock the same scenario, seed and sequence of `/v3` requests give the same bytes.

One seeded story of some hundred requests, wild ones among them, is told to several mocks. Every answer,
every notification as it was sent and the world in the end have to be equal, whether anything that draws
from no stream of ids came in between or not, in process and over HTTP.
"""

import http.client
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from mockserver.settings import Settings
from tests.support.answers import check
from tests.support.receiver import Receiver
from tests.support.remote import scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import (
    ALICE,
    API_KEY,
    ASK,
    CLIENT_ID,
    DOCUMENT,
    INTRO,
    NOW,
    PRIVATE,
    TEN,
    Mock,
    configuration,
    participant,
)

PUBLIC_URL = "http://mock.example"
DAY = 86_400
LENGTH = 300
BOTH = "77777777-7777-4777-8777-777777777777"
UNKNOWN = "99999999-9999-4999-8999-999999999999"
BOOKINGS = "/v3/scheduling/bookings"
TRIGGERS = ["booking.created", "booking.pending", "booking.rescheduled", "booking.cancelled"]

FIELDS = {
    "topic": {"label": "Topic", "type": "text", "required": True},
    "size": {"label": "Size", "type": "dropdown", "required": False, "options": ["S", "L"]},
}
WORLD: dict[str, Any] = {
    **DOCUMENT,
    "configurations": {
        **DOCUMENT["configurations"],
        "both": {
            "id": BOTH,
            "grant": "bob",
            "body": configuration(
                participant("bob@example.com"),
                participant("alice@example.com", organizer=False),
                scheduler={"min_booking_notice": 0, "additional_fields": FIELDS},
            ),
        },
    },
    "webhooks": {},
}


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body).get("data") if self.body else None


Send = Callable[[Request], Answer]


class Story:
    """The same requests for the same seed, as long as the answers are the same."""

    def __init__(self, seed: int, hook: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - made to repeat
        self._hook = hook
        self._bookings: list[tuple[str, str]] = [(UNKNOWN, INTRO)]
        self._pending: list[tuple[str, str]] = []
        self._salts: dict[str, str] = {}
        self._sessions = [UNKNOWN]
        self._configurations = [UNKNOWN]
        self._webhooks = ["nobody"]
        self._made = 0
        self._kinds: dict[Callable[[], Request], int] = {
            self._book: 24,
            self._booking: 40,
            self._availability: 10,
            self._settings: 3,
            self._session: 6,
            self._configuration: 8,
            self._webhook: 6,
            self._nonsense: 8,
            self._later: 2,
        }

    def next(self) -> Request:
        (kind,) = self._random.choices(list(self._kinds), list(self._kinds.values()))
        request = kind()
        if self._random.random() < 0.04:
            request = Request("HEAD", request.target, request.headers)
        if request.body and self._random.random() < 0.08:
            request = Request(request.method, request.target, request.headers, self._damaged(request.body))
        return request

    def learn(self, request: Request, answer: Answer) -> None:
        """Remember what was made, so that later requests are about it."""
        if answer.status != 200 or not answer.body or request.method != "POST":
            return
        data = answer.data
        path = urlsplit(request.target).path
        if path == BOOKINGS:
            made = (data["booking_id"], self._configuration_of(request))
            self._bookings.append(made)
            if data["status"] == "pending":
                self._pending.append(made)
        elif path == "/v3/scheduling/sessions":
            self._sessions.append(data["session_id"])
        elif path == "/v3/webhooks":
            self._webhooks.append(data["id"])
        elif path.endswith("/configurations"):
            self._configurations.append(data["id"])

    def tell_salt(self, state: Mapping[str, Any]) -> None:
        """Know the salts that the world keeps."""
        for booking in state["bookings"]:
            self._salts[booking["booking_id"]] = booking["salt"]

    @staticmethod
    def _configuration_of(request: Request) -> str:
        found = [each for each in (INTRO, ASK, BOTH) if each in request.target]
        return found[0] if found else PRIVATE

    def _query(self, configuration: str) -> tuple[str, dict[str, str]]:
        """How a configuration is named: mostly well."""
        if configuration == PRIVATE:
            return "", self._bearer(self._random.choice(self._sessions[-3:]))
        ways = [{"configuration_id": configuration}] * 8 + [
            {"configuration_id": configuration, "slug": "None", "client_id": ""},
            {"slug": "intro", "client_id": CLIENT_ID},
            {"slug": "ask", "client_id": UNKNOWN},
            {"configuration_id": UNKNOWN},
            {"configuration_id": "nonsense"},
            {},
        ]
        key = self._bearer(API_KEY) if self._random.random() < 0.2 else {}
        return "?" + urlencode(self._random.choice(ways)), key

    def _times(self) -> dict[str, Any]:
        start: Any = TEN + self._random.randrange(4) * DAY + self._random.randrange(-4, 16) * 1800
        end: Any = start + 1800
        oddity = self._random.random()
        if oddity < 0.1:
            start, end = str(start), float(end)
        elif oddity < 0.15:
            start = self._random.choice(["soon", None, True, -1, 1e30, [start], start + 0.5])
        elif oddity < 0.2:
            end = start + self._random.choice([0, 60, 3600, -1800])
        return {"start_time": start, "end_time": end}

    def _book(self) -> Request:
        name = self._random.choice(["Gina", "Zoë Ångström", "李雷", 'O\'Hara "Jo"', "<b>", "🙂"])
        body: dict[str, Any] = {**self._times(), "guest": {"name": name, "email": "guest@example.com"}}
        if self._random.random() < 0.3:
            body["additional_guests"] = [{"name": "Ann", "email": "ann@example.com"}]
        if self._random.random() < 0.2:
            body["timezone"] = self._random.choice(["Asia/Tokyo", "Nowhere/Land", "", None])
        if self._random.random() < 0.3:
            body["participants"] = [{"email": self._random.choice(["alice@example.com", "zed@example.com"])}]
        chosen = self._random.choice([INTRO, ASK, PRIVATE, BOTH])
        if chosen == BOTH or self._random.random() < 0.1:
            answers = [{"topic": "tax"}, {"topic": "tax", "size": "L"}, {"size": "XL", "topic": "a"}, {}]
            body["additional_fields"] = self._random.choice(answers)
        query, headers = self._query(chosen)
        return self._json("POST", BOOKINGS + query, body, headers)

    def _booking(self) -> Request:
        deciding = self._random.random() < 0.25
        booking_id, chosen = self._random.choice((deciding and self._pending[-3:]) or self._bookings[-12:])
        if self._random.random() < 0.1:
            chosen = self._random.choice([INTRO, ASK, BOTH])
        query, headers = self._query(chosen)
        target = f"{BOOKINGS}/{booking_id}{query}"
        method = "PUT" if deciding else self._random.choice(["GET", "PATCH", "PATCH", "DELETE"])
        if method == "PUT":
            salt = self._salts.get(booking_id, "AAAAAAAAAAAAAA")
            status = self._random.choice(["confirmed", "cancelled", "confirm"])
            return self._json(method, target, {"salt": salt, "status": status}, headers)
        if method == "PATCH":
            return self._json(method, target, self._times(), headers)
        if method == "DELETE" and self._random.random() < 0.5:
            return self._json(method, target, {"cancellation_reason": "Krankheit ünd so"}, headers)
        return Request(method, target, headers)

    def _availability(self) -> Request:
        query, headers = self._query(self._random.choice([INTRO, ASK, PRIVATE, BOTH]))
        start = TEN + self._random.randrange(5) * DAY
        window = self._random.choice(
            [
                {"start_time": start, "end_time": start + DAY},
                {"start_time": start, "end_time": start + DAY, "booking_id": self._bookings[-1][0]},
                {"start_time": start, "end_time": start},
                {"start_time": "now", "end_time": start},
                {},
            ]
        )
        mark = "&" if query else "?"
        return Request("GET", f"/v3/scheduling/availability{query}{mark}{urlencode(window)}", headers)

    def _settings(self) -> Request:
        query, headers = self._query(self._random.choice([INTRO, ASK, PRIVATE]))
        return Request("GET", f"/v3/scheduling/ui-settings{query}", headers)

    def _session(self) -> Request:
        if self._random.random() < 0.2:
            target = f"/v3/scheduling/sessions/{self._random.choice(self._sessions)}"
            return Request("DELETE", target, self._bearer(API_KEY))
        bodies = [{"configuration_id": PRIVATE}, {"slug": "private", "time_to_live": 30}] * 3
        bodies += [{"slug": "nobody"}, {"configuration_id": PRIVATE, "time_to_live": 31}, {}]
        key = self._bearer(self._random.choice([API_KEY, API_KEY, API_KEY, "wrong"]))
        return self._json("POST", "/v3/scheduling/sessions", self._random.choice(bodies), key)

    def _configuration(self) -> Request:
        base = f"/v3/grants/{self._random.choice([ALICE, ALICE, 'bob@example.com', UNKNOWN])}"
        target, key = f"{base}/scheduling/configurations", self._bearer(API_KEY)
        one = f"{target}/{self._random.choice(self._configurations[-4:])}"
        slug = self._random.choice(["first", "second", "third"])
        body = configuration(slug=slug, name=f"No. {self._random.randrange(9)}")
        return self._random.choice(
            [
                self._json("POST", target, body, key),
                self._json("POST", target, {**body, "participants": []}, key),
                self._json("PUT", one, body, key),
                Request("GET", one, key),
                Request("GET", f"{target}?limit=2", key),
                Request("GET", f"{target}?limit=nine", key),
                Request("DELETE", one, key),
            ]
        )

    def _webhook(self) -> Request:
        one, key = f"/v3/webhooks/{self._random.choice(self._webhooks)}", self._bearer(API_KEY)
        self._made += 1
        body = {
            "webhook_url": self._random.choice([f"{self._hook}/{self._made}"] * 4 + ["http://127.0.0.1:1/"]),
            "trigger_types": self._random.sample(TRIGGERS, 3),
            "compressed_delivery": self._random.random() < 0.5,
        }
        choices = [
            self._json("POST", "/v3/webhooks", body, key),
            self._json("POST", "/v3/webhooks", {**body, "trigger_types": ["no.such"]}, key),
            Request("GET", "/v3/webhooks", key),
            Request("GET", one, key),
            Request("DELETE", one, key),
        ]
        return self._random.choices(choices, [4, 1, 1, 1, 1])[0]

    def _nonsense(self) -> Request:
        anything = bytes(self._random.randrange(256) for _ in range(self._random.randrange(40)))
        target = f"{BOOKINGS}?configuration_id={INTRO}"
        choices = [
            Request("POST", target, {}, anything),
            Request("POST", target, {}, b"[" * 5_000),
            Request("POST", target, {}, b'{"start_time": 1e999}'),
            Request("POST", target, {"Content-Type": "text/plain"}, b"{}"),
            Request("GET", f"{BOOKINGS}/%F0%9F%99%82?configuration_id={INTRO}"),
            Request("GET", "/v3/nothing"),
            Request("BREW", "/v3/webhooks"),
            Request("DELETE", "/v3/scheduling/availability"),
            Request("GET", f"{BOOKINGS}/{UNKNOWN}?configuration_id=%FF&slug=%00"),
        ]
        return self._random.choice(choices)

    def _later(self) -> Request:
        body = {"advance": self._random.choice(["PT1M", "PT7M", "PT31M"])}
        return self._json("PATCH", "/_mock/clock", body, {})

    def _damaged(self, body: bytes) -> bytes:
        at = self._random.randrange(len(body))
        return body[:at] + self._random.choice([b"", b"\xff", b"{", b'"', b"\\ud800"]) + body[at + 1 :]

    @staticmethod
    def _bearer(key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    @staticmethod
    def _json(method: str, target: str, body: Any, headers: Mapping[str, str]) -> Request:
        return Request(
            method, target, {**headers, "Content-Type": "application/json"}, json.dumps(body).encode()
        )


def noise(source: random.Random) -> Request:
    """A request after which the ids of others have to be what they would have been without it."""
    preflight = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "PATCH"}
    guest = {"name": "Gina", "email": "gina@example.com"}
    booking = json.dumps({"start_time": TEN, "end_time": TEN + 1800, "guest": guest}).encode()
    return source.choice(
        [
            Request("OPTIONS", BOOKINGS, preflight),
            Request("OPTIONS", f"{BOOKINGS}/{UNKNOWN}", preflight),
            Request("OPTIONS", "/v3/webhooks"),
            *(Request("GET", f"/_mock/{what}") for what in ("state", "requests", "notifications", "mail")),
            *(Request("GET", f"/_mock/{what}") for what in ("clock", "dialect", "health", "scenario", "no")),
            Request("HEAD", "/_mock/state"),
            Request("POST", "/_mock/events", {"Content-Type": "application/json"}, b'{"calendar": "zed"}'),
            Request("GET", "/"),
            Request("HEAD", "/nothing"),
            Request("POST", "/scheduling/bookings", {}, booking),
            Request("GET", "/v3/webhooks", {"Host": "stranger.example.com"}),
            Request("POST", f"/_sandbox/other{BOOKINGS}?configuration_id={INTRO}", {}, booking),
            Request("GET", "/v3/webhooks", {"X-Mock-Sandbox": "another"}),
            Request("GET", "/v3/webhooks", {"X-Mock-Sandbox": "No Sandbox"}),
        ]
    )


@dataclass
class Told:
    """What can be seen of a story: answers in order, what receivers got by path, the world afterwards."""

    requests: list[Request]
    answers: list[Answer]
    delivered: dict[str, list[tuple[bytes, str, str]]]
    world: Any
    notifications: Any
    mails: Any

    def compare(self, other: "Told") -> None:
        """Assert that nothing differs, naming the first request after which something does."""
        pairs = zip(self.requests, self.answers, other.answers, strict=True)
        for number, (request, mine, theirs) in enumerate(pairs):
            assert mine == theirs, f"request {number}: {request}"
        assert self.delivered == other.delivered
        assert self.notifications == other.notifications
        assert self.mails == other.mails
        assert self.world == other.world


def tell(send: Send, receiver: Receiver, seed: int, length: int, noisy: bool = False) -> Told:
    """Tell a mock the story of that seed."""
    receiver.received.clear()
    story, source = Story(seed, receiver.url), random.Random(seed + 1)  # noqa: S311 - made to repeat
    requests, answers = [], []
    for number in range(length):
        while noisy and source.random() < 0.5:
            send(noise(source))
        request = story.next()
        answer = send(request)
        story.learn(request, answer)
        if number % 10 == 0:
            story.tell_salt(json.loads(send(Request("GET", "/_mock/state")).body))
        requests.append(request)
        answers.append(answer)
    drained = send(Request("POST", "/_mock/drain", {"Content-Type": "application/json"}))
    assert json.loads(drained.body) == {"drained": True}
    delivered = defaultdict(list)
    for each in receiver.received:
        encoding = each.headers.get("content-encoding", "")
        delivered[each.path].append((each.body, each.headers["x-nylas-signature"], encoding))
    sent = json.loads(send(Request("GET", "/_mock/notifications")).body)["data"]
    for each in sent:
        for attempt in each["attempts"]:
            del attempt["duration_ms"]  # the only thing that is measured with the machine's clock
    world = json.loads(send(Request("GET", "/_mock/state")).body)
    mails = json.loads(send(Request("GET", "/_mock/mail")).body)["data"]
    return Told(requests, answers, dict(delivered), world, sent, mails)


def held(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The answer, kept to the contract, with the headers that are ours."""
    check(request.method, urlsplit(request.target).path, status, headers, body)
    ours = {"x-request-id", "content-type", "allow"}
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in ours}
    return Answer(status, kept, body)


@contextmanager
def in_process(document: Mapping[str, Any] = WORLD) -> Iterator[Send]:
    mock = Mock(document, Settings(public_url=PUBLIC_URL))

    def send(request: Request) -> Answer:
        response = mock.client.open(
            request.target, method=request.method, headers=dict(request.headers), data=request.body
        )
        return held(request, response.status_code, dict(response.headers), response.get_data())

    try:
        yield send
    finally:
        mock.close()


@contextmanager
def over_http(scenario: str, hash_seed: int) -> Iterator[Send]:
    """A server process of its own; sets and dictionaries of it are ordered by that seed."""
    arguments = ("--self-check", "--public-url", PUBLIC_URL, "--scenario", scenario)
    with ServerProcess(*arguments, env={"PYTHONHASHSEED": str(hash_seed)}) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

        def send(request: Request) -> Answer:
            connection.request(request.method, request.target, request.body, dict(request.headers))
            response = connection.getresponse()
            body = response.read()
            return held(request, response.status, dict(response.headers), body)

        yield send
        connection.close()
        assert "Traceback" not in server.output


def worth_telling(told: Told) -> None:
    """Assert that everything was done, well and badly; otherwise sameness would say little."""
    seen = Counter(
        (request.method, urlsplit(request.target).path.startswith(BOOKINGS), answer.status // 100)
        for request, answer in zip(told.requests, told.answers, strict=True)
    )
    for method in ("POST", "GET", "PUT", "PATCH", "DELETE"):
        assert seen[method, True, 2], method
        assert seen[method, True, 4], method
    assert sum(count for (method, _, _), count in seen.items() if method == "HEAD") > 5
    assert {each["type"] for each in told.notifications} == set(TRIGGERS)
    assert any(encoding for path in told.delivered.values() for _, _, encoding in path)
    assert {each["status"] for each in told.world["bookings"]} >= {"booked", "cancelled"}
    assert told.mails
    ids = [answer.headers["x-request-id"] for answer in told.answers if "x-request-id" in answer.headers]
    assert len(set(ids)) == len(ids)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.parametrize("seed", [3, 5])
def test_a_story_told_twice_is_the_same_with_and_without_noise(receiver: Receiver, seed: int) -> None:
    told = []
    for noisy in (False, True):
        with in_process() as send:
            told.append(tell(send, receiver, seed, LENGTH, noisy))
    worth_telling(told[0])
    told[0].compare(told[1])


@pytest.mark.slow
def test_a_story_told_to_two_processes_is_the_same_as_in_process(receiver: Receiver, tmp_path: Path) -> None:
    scenario = scenario_file(tmp_path, WORLD)
    with in_process() as send:
        first = tell(send, receiver, 5, LENGTH)
    for hash_seed, noisy in ((1, False), (2, True)):
        with over_http(scenario, hash_seed) as send:
            first.compare(tell(send, receiver, 5, LENGTH, noisy))


def test_another_seed_gives_other_ids_and_the_same_outcomes(receiver: Receiver) -> None:
    told = []
    for seed in (7, 8):
        with in_process({**WORLD, "seed": seed}) as send:
            booked = send(Story._json("POST", f"{BOOKINGS}?configuration_id={INTRO}", BODY, {}))
            told.append(booked)
    assert [each.status for each in told] == [200, 200]
    assert told[0].headers["x-request-id"] != told[1].headers["x-request-id"]
    for key in ("booking_id", "event_id", "booking_ref"):
        assert told[0].data[key] != told[1].data[key]


BODY = {
    "start_time": TEN,
    "end_time": TEN + 1800,
    "guest": {"name": "Gina", "email": "gina@example.com"},
}


def test_what_the_control_plane_writes_draws_from_no_stream_of_the_api() -> None:
    """An event of somebody else, another sandbox, a new dialect and a reset: the ids come as before."""
    book = Story._json("POST", f"{BOOKINGS}?configuration_id={INTRO}", BODY, {})
    busy = {"calendar": "bob", "start_time": NOW, "end_time": NOW + 3600, "title": "Elsewhere"}
    with in_process() as send:
        undisturbed = send(book)
        send(Story._json("POST", "/_mock/reset", {}, {}))
        assert send(book) == undisturbed
    with in_process() as send:
        assert send(Story._json("POST", "/_mock/events", busy, {})).status == 200
        assert send(Story._json("PUT", "/_mock/sandboxes/new", {}, {})).status == 200
        assert send(Story._json("PATCH", "/_mock/dialect", {"slot_grid": "midnight"}, {})).status == 200
        assert send(book) == undisturbed
