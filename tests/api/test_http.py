"""The envelope everywhere, CORS, Host names, sandboxes, the journal."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from mockserver.settings import Settings
from tests.support.worlds import API_KEY, DOCUMENT, INTRO, TEN, Mock

PREFLIGHT = {
    "Origin": "https://shop.example.com",
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,content-type,x-nylas-web-elements-version,x-source",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v3/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", "//v3/scheduling/bookings", 404),
        ("GET", "/v3/scheduling/bookings/a/b", 404),
        ("GET", "/v3/scheduling/bookings", 405),
        ("POST", "/v3/scheduling/availability", 405),
        ("TRACE", "/v3/scheduling/bookings", 405),
        ("BREW", "/v3/scheduling/bookings", 405),
        ("PATCH", f"/v3/grants/x/scheduling/configurations/{INTRO}", 405),
    ],
)
def test_what_is_not_there_is_refused_in_the_envelope(
    mock: Mock, method: str, path: str, status: int
) -> None:
    response = mock.call(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    assert set(response.json) == {"request_id", "error"}
    assert ("Allow" in response.headers) == (status == 405)


def test_head_is_get_without_a_body(mock: Mock) -> None:
    query = {"configuration_id": INTRO, "start_time": TEN, "end_time": TEN + 3600}
    response = mock.call("HEAD", "/v3/scheduling/availability", query=query)
    assert (response.status_code, response.get_data()) == (200, b"")
    assert response.headers["X-Request-Id"]


def test_a_fault_of_ours_is_a_proper_500_and_changes_nothing(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("made to fail after the event and the booking were written")

    monkeypatch.setattr("mockserver.domain.booking.announce", fail)
    before = mock.snapshot()
    client = FlaskClient(mock.app.flask, mock.app.flask.response_class)
    guest = {"name": "Gina", "email": "gina@example.com"}
    body = {"start_time": TEN, "end_time": TEN + 1800, "guest": guest}
    response = client.post("/v3/scheduling/bookings", query_string={"configuration_id": INTRO}, json=body)
    assert (response.status_code, response.json["error"]["type"]) == (500, "internal_error")
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    assert mock.snapshot() == before


def test_preflights_are_answered_on_every_scheduling_path(mock: Mock) -> None:
    for path in ("/v3/scheduling/bookings", f"/v3/scheduling/bookings/{INTRO}", "/v3/scheduling/unknown"):
        response = mock.client.options(path, headers=PREFLIGHT)
        assert response.status_code in (200, 204)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        allowed = response.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
        assert set(allowed) >= set(PREFLIGHT["Access-Control-Request-Headers"].split(","))
        methods = response.headers["Access-Control-Allow-Methods"]
        assert all(method in methods for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))


def test_answers_may_be_read_by_pages_of_other_origins_errors_too(mock: Mock) -> None:
    for path in ("/v3/scheduling/availability", "/v3/scheduling/unknown"):
        response = mock.client.get(path, headers={"Origin": "https://shop.example.com"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_application_side_is_not_for_pages_unless_told(mock: Mock) -> None:
    response = mock.client.options("/v3/webhooks", headers=PREFLIGHT)
    assert "Access-Control-Allow-Origin" not in response.headers
    response = mock.client.get("/_mock/state", headers=PREFLIGHT)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.fixture
def opened() -> Iterator[Mock]:
    settings = Settings(
        self_check=True,
        cors_origins=("https://shop.example.com",),
        allow_hosts=("mock.example.com",),
        sandbox_domain="boxes.example.com",
    )
    mock = Mock(settings=settings)
    yield mock
    mock.close()


def test_origins_that_are_named_may_call_everything(opened: Mock) -> None:
    response = opened.client.options("/v3/webhooks", headers=PREFLIGHT)
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"
    other = opened.client.options("/v3/webhooks", headers={**PREFLIGHT, "Origin": "https://evil.example"})
    assert other.headers.get("Access-Control-Allow-Origin") != "https://evil.example"


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("mock", True),
        ("127.0.0.1:9", True),
        ("192.168.1.7", True),
        ("[::1]:8080", True),
        ("[::1]", True),
        ("host.docker.internal:8080", True),
        ("alpha.localhost:8080", True),
        ("evil.example.com", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("[::1].evil.example", False),
    ],
)
def test_hosts_that_a_stranger_could_name_are_refused(mock: Mock, host: str, allowed: bool) -> None:
    for path in ("/v3/scheduling/availability", "/_mock/health"):
        response = mock.client.get(path, headers={"Host": host})
        assert (response.status_code != 421) == allowed


def test_hosts_can_be_allowed(opened: Mock) -> None:
    for host in ("mock.example.com", "boxes.example.com", "one.boxes.example.com"):
        assert opened.client.get("/v3/x", headers={"Host": host}).status_code == 404


def test_sandboxes_are_chosen_by_prefix_header_and_host(opened: Mock) -> None:
    calls = {
        "alpha": {"path": "/_sandbox/alpha/v3/webhooks"},
        "beta": {"path": "/v3/webhooks", "headers": {"X-Mock-Sandbox": "beta"}},
        "gamma": {"path": "/v3/webhooks", "headers": {"Host": "gamma.localhost:8080"}},
        "delta": {"path": "/v3/webhooks", "headers": {"Host": "delta.boxes.example.com"}},
    }
    for name, call in calls.items():
        assert opened.app.sandboxes.find(name) is None
        headers = {"Authorization": f"Bearer {API_KEY}", **call.get("headers", {})}
        assert opened.client.get(call["path"], headers=headers).status_code == 200
        assert opened.app.sandboxes.find(name) is not None


@pytest.mark.parametrize("name", ["Alpha", "a" * 41, "a_b", "ä", ""])
def test_names_that_no_sandbox_has_are_refused(mock: Mock, name: str) -> None:
    response = mock.client.get(f"/_sandbox/{name}/v3/webhooks")
    assert response.status_code in (421, 401)
    assert mock.app.sandboxes.names() == ["default"]


def test_sandboxes_do_not_see_each_other(mock: Mock) -> None:
    path, query = "/v3/scheduling/bookings", {"configuration_id": INTRO}
    body = {"start_time": TEN, "end_time": TEN + 1800, "guest": {"name": "G", "email": "g@example.com"}}
    answers = [
        mock.call("POST", f"{prefix}{path}", body, query=query)
        for prefix in ("", "/_sandbox/one", "/_sandbox/two")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json["data"]["event_id"] == answers[1].json["data"]["event_id"]


def test_the_journal_has_requests_and_masks_who_sent_them(mock: Mock) -> None:
    mock.call("GET", "/v3/webhooks", key=API_KEY)
    mock.book()
    exchanges = mock.sandbox.journal.exchanges()
    assert [each.path for each in exchanges] == ["/v3/webhooks", "/v3/scheduling/bookings"]
    assert exchanges[1].status == 200
    assert "Gina" in exchanges[1].request_body
    assert "booking_id" in exchanges[1].response_body
    assert API_KEY not in repr(exchanges)


def test_the_world_is_the_documents(mock: Mock) -> None:
    assert set(mock.sandbox.world.configurations) == {
        each["id"] for each in DOCUMENT["configurations"].values()
    }
