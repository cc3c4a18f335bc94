"""The hosted pages: what they hand to the browser, who gets a session, and what they leave alone."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha384
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mockserver.app import create_app
from mockserver.domain.links import reference_of
from mockserver.pages.component import CDN, INTEGRITY, Component, component_file
from mockserver.settings import Settings
from tests.support.npm import need_packages
from tests.support.worlds import ASK, CLIENT_ID, INTRO, PRIVATE, Mock

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SCRIPT = b"export const defineCustomElement = () => {};"


@pytest.fixture
def mock_with() -> Iterator[Callable[..., Mock]]:
    made: list[Mock] = []

    def make(**settings: object) -> Mock:
        made.append(Mock(settings=Settings(self_check=True, **settings)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for mock in made:
        mock.close()


@pytest.fixture
def elements(tmp_path: Path) -> Path:
    """A folder that looks like the unpacked npm package."""
    file = tmp_path / "package/dist/cdn/nylas-scheduling/nylas-scheduling.es.js"
    file.parent.mkdir(parents=True)
    file.write_bytes(SCRIPT)
    return tmp_path / "package"


def read(mock: Mock, path: str, status: int = 200, **options: str) -> TestResponse:
    """A page, which has to be protected, and to change nothing."""
    before = mock.snapshot()
    response = mock.client.get(path, **options)
    assert response.status_code == status, response.text
    assert mock.snapshot() == before
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in response.headers
    return response


def data_of(response: TestResponse) -> dict[str, str]:
    """What the page tells its script."""
    (tag,) = re.findall(r'<div id="scheduling"([^>]*)>', response.text)
    return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', tag))


def booked(mock: Mock, configuration: str = INTRO) -> str:
    """A new booking's reference."""
    answer = mock.book(configuration=configuration)
    return reference_of(mock.sandbox.world.bookings[answer.json["data"]["booking_id"]])


def test_the_index_lists_every_configuration_with_its_links(mock: Mock) -> None:
    page = read(mock, "/")
    assert re.findall(r'href="(book/[^"]*)"', page.text) == ["book/intro", "book/ask", "book/private"]
    for text in (INTRO, ASK, PRIVATE, CLIENT_ID, "private, needs a session", "organizer-confirmation"):
        assert text in page.text
    assert (
        f"curl &#39;http://localhost:8080/v3/scheduling/availability?configuration_id={INTRO}&amp;"
        in page.text
    )
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("settings", [{"control_token": "t"}, {"control": False}])
def test_where_the_control_plane_is_guarded_nothing_is_listed(
    mock_with: Callable[..., Mock], settings: dict[str, object]
) -> None:
    page = read(mock_with(**settings), "/")
    assert INTRO not in page.text
    assert "nyk_test_key" not in page.text


@pytest.mark.parametrize("name", [INTRO, INTRO.upper(), "intro"])
def test_book_by_id_and_by_slug(mock: Mock, name: str) -> None:
    data = data_of(read(mock, f"/book/{name}"))
    assert data["configuration-id"] == INTRO
    assert "session" not in data
    assert data["now"] == str(mock.sandbox.clock.now())  # as the clock is not the browser's


@pytest.mark.parametrize("what", ["reschedule", "cancel"])
def test_a_reference_in_any_encoding_leads_to_its_booking(mock: Mock, what: str) -> None:
    reference = booked(mock)
    assert data_of(read(mock, f"/{what}/{reference}"))[f"{what}-booking-ref"] == reference
    moved = read(mock, f"/{what}/{reference.replace('-', '+').replace('_', '/')}==", 302)
    assert moved.headers["Location"] == f"/{what}/{reference}"


@pytest.mark.parametrize("path", ["/book", "/book/", "/book/nothing", f"/book/{UNKNOWN}", "/book/a/b"])
def test_nothing_to_book(mock: Mock, path: str) -> None:
    assert "Nothing to book here" in read(mock, path, 404).text


def test_references_that_lead_nowhere(mock: Mock) -> None:
    reference = booked(mock)
    assert "damaged" in read(mock, "/reschedule/xyz", 400).text
    read(mock, f"/cancel/{reference[:-6]}", 404)
    mock.call("DELETE", f"/v3/scheduling/bookings/{next(iter(mock.sandbox.world.bookings))}", query=QUERY)
    assert "This booking is cancelled" in read(mock, f"/cancel/{reference}", 410).text


QUERY = {"configuration_id": INTRO}


def test_a_private_configuration_gets_a_session_on_request_only(mock: Mock) -> None:
    assert data_of(read(mock, "/book/private"))["session"] == "open"
    answer = mock.client.post("/book/private")
    session = answer.json["session_id"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert mock.book(configuration=PRIVATE, key=session).status_code == 200
    assert mock.client.post("/book/intro").status_code == 400
    assert mock.client.post("/book/nothing").status_code == 404


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_no_session_for_other_sites(mock: Mock, headers: dict[str, str]) -> None:
    before = mock.snapshot()
    assert mock.client.post("/book/private", headers=headers).status_code == 403
    assert mock.snapshot() == before


@pytest.mark.parametrize("settings", [{"control_token": "t"}, {"control": False}])
def test_no_session_where_the_control_plane_is_guarded(
    mock_with: Callable[..., Mock], settings: dict[str, object]
) -> None:
    mock = mock_with(**settings)
    assert data_of(read(mock, "/book/private"))["session"] == "given"
    before = mock.snapshot()
    assert mock.client.post("/book/private").status_code == 403
    assert mock.snapshot() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/book/intro", "/cancel/x", "/reschedule/x"])
def test_other_methods(mock: Mock, method: str, path: str) -> None:
    response = mock.client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("settings", "location"),
    [
        ({}, "http://box.localhost:8080/book/intro"),
        ({"public_url": "http://127.0.0.1:99"}, "http://box.localhost:99/book/intro"),
        (
            {"public_url": "https://mock.example.com", "sandbox_domain": "boxes.example.com"},
            "https://box.boxes.example.com/book/intro",
        ),
    ],
)
def test_a_sandbox_by_prefix_or_header_is_led_to_its_host(
    mock_with: Callable[..., Mock], settings: dict[str, str], location: str
) -> None:
    mock = mock_with(**settings)
    assert read(mock, "/_sandbox/box/book/intro", 302).headers["Location"] == location
    by_header = mock.client.get("/book/intro", headers={"X-Mock-Sandbox": "box"})
    assert by_header.headers["Location"] == location
    followed = mock.client.get(location, headers={"X-Mock-Sandbox": "box"})
    assert followed.status_code == 200
    at_host = mock.client.get("/book/intro", base_url="http://box.localhost:8080")
    assert at_host.status_code == 200


@pytest.mark.parametrize("public_url", ["https://mock.example.com", "http://localhost:8080/mock"])
def test_a_sandbox_that_can_have_no_host_says_so(mock_with: Callable[..., Mock], public_url: str) -> None:
    page = read(mock_with(public_url=public_url), "/_sandbox/box/book/intro", 404)
    assert "needs a host name of its own" in page.text


def test_the_component_comes_from_the_cdn_and_is_pinned(mock: Mock) -> None:
    page = read(mock, "/book/intro")
    assert f"script-src 'self' {CDN};" in page.headers["Content-Security-Policy"]
    assert f'integrity="{INTEGRITY}"' in page.text
    assert data_of(page)["component"].startswith(CDN)
    assert mock.client.get("/_assets/nylas-scheduling.es.js").status_code == 404


def test_the_component_comes_from_a_folder(mock_with: Callable[..., Mock], elements: Path) -> None:
    mock = mock_with(web_elements=str(elements))
    page = read(mock, "/book/intro")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "https:" not in page.text
    asset = read(mock, "/_assets/nylas-scheduling.es.js")
    assert (asset.data, asset.mimetype) == (SCRIPT, "text/javascript")
    again = {"If-None-Match": asset.headers["ETag"]}
    assert mock.client.get("/_assets/nylas-scheduling.es.js", headers=again).status_code == 304


@pytest.mark.parametrize("inside", ["", "dist", "dist/cdn", "dist/cdn/nylas-scheduling"])
def test_any_folder_of_the_package_will_do(elements: Path, inside: str) -> None:
    assert Component.from_folder(str(elements / inside)).content == SCRIPT


def test_a_folder_without_the_component_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected the unpacked npm package"):
        create_app(Settings(web_elements=str(tmp_path)))


def test_the_pinned_hash_is_that_of_the_package() -> None:
    folder = need_packages("tests/browser") / "node_modules/@nylas/web-elements"
    digest = sha384(component_file(str(folder)).read_bytes()).digest()
    assert f"sha384-{b64encode(digest).decode()}" == INTEGRITY
