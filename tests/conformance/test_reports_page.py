"""The HTML report in a browser."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from conformance.clauses import clauses
from conformance.report.files import write
from tests.conformance.outcomes import TODAY, deviation, exchange, known, outcome, report
from tests.support.chromium import chromium

pytestmark = pytest.mark.slow
HOSTILE = "</script><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"
BROKEN = ["BK-CREATE-005", "BK-CREATE-006", "BK-MOVE-003"]
SELECTED = ("core", "confirmation")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which a hostile target has broken something."""
    folder = tmp_path_factory.mktemp("page")
    answer = json.dumps({"request_id": HOSTILE, "data": "x" * 600}).encode()
    made = outcome(
        broken=[*BROKEN, "BK-CREATE-015"],
        missed=["BK-AVAIL-010"],
        errors=["BK-READ-003"],
        seen=HOSTILE,
        exchanges=[exchange(answer=answer)],
        left=[HOSTILE],
        incomplete=[HOSTILE],
        profiles=SELECTED,
    )
    made.findings.observe(HOSTILE, HOSTILE)
    made.findings.generated["excused"] = {HOSTILE: 2}
    deviations = known(folder / "known.yaml", deviation("BK-MOVE-003", reason=f'"{HOSTILE}"'))
    path = folder / "report.html"
    write(report(replace(made, verdict=made.verdict.knowing(deviations, TODAY))), "html", path)
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The page; nothing in it complains, and it asks for nothing else."""
    opened = browser.new_page()
    complaints: list[str] = []
    requested: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: requested.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    assert complaints == []
    assert {each.partition("#")[0] for each in requested} == {file.as_uri()}
    assert opened.evaluate("window.hurt") is None
    opened.close()


def shown(page: Page) -> list[str]:
    """The clauses that are to be seen."""
    found: list[str] = page.eval_on_selector_all(
        "details.clause", "all => all.filter(each => each.checkVisibility()).map(each => each.id)"
    )
    return found


def test_what_is_broken_comes_first_and_is_open(page: Page) -> None:
    assert shown(page)[:3] == ["BK-CREATE-005", "BK-CREATE-006", "BK-READ-003"]
    opened = page.eval_on_selector_all("details.clause[open]", "all => all.map(each => each.id)")
    assert opened == ["BK-CREATE-005", "BK-CREATE-006", "BK-READ-003"]
    told = page.locator("#BK-CREATE-005")
    expect(told).to_contain_text("A slot is sold once.")
    expect(told).to_contain_text(HOSTILE)
    expect(told).to_contain_text("curl -X POST")


def test_what_was_not_asked_for_is_folded_away(page: Page) -> None:
    selected = {each.id for each in clauses().values() if each.profile in (*SELECTED, "read")}
    assert set(shown(page)) == selected


def test_filters_go_together(page: Page) -> None:
    page.select_option("select[name=level]", "SHOULD")
    page.select_option("select[name=profile]", "core")
    page.select_option("select[name=operation]", "createBooking")
    wanted = {
        each.id
        for each in clauses().values()
        if (each.level.name, each.profile) == ("SHOULD", "core") and "createBooking" in each.operations
    }
    assert set(shown(page)) == wanted
    page.uncheck("input[value=broken]")
    assert set(shown(page)) == wanted - {"BK-CREATE-006"}
    page.fill("input[type=search]", "no such thing")
    assert shown(page) == []
    expect(page.get_by_text("No clause fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    assert set(shown(page)) == set(clauses())


def test_searches_what_was_seen(page: Page) -> None:
    page.fill("input[type=search]", "window.HURT")
    assert {"BK-CREATE-005", "BK-MOVE-003"} <= set(shown(page)) < set(clauses())


def test_the_matrix_leads_to_the_clauses(page: Page) -> None:
    page.uncheck("input[value=pass]")
    page.locator("table.matrix a[href='#BK-CREATE-001']").click()
    expect(page.locator("#BK-CREATE-001")).to_have_attribute("open", "")
    expect(page.locator("#BK-CREATE-001 .told")).to_be_in_viewport()


def test_the_matrix_has_every_clause(page: Page) -> None:
    linked = page.eval_on_selector_all("table.matrix a", "all => all.map(each => each.hash.slice(1))")
    assert set(linked) == set(clauses())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_follows_the_system_and_can_be_switched(browser: Browser, file: Path, scheme: str) -> None:
    opened = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    opened.goto(file.as_uri())
    back = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(251, 251, 250)", "rgb(22, 24, 27)"
    assert opened.evaluate(back) == (light if scheme == "light" else dark)
    seen = []
    for _ in range(3):
        opened.click("#theme")
        seen.append(opened.evaluate(back))
    assert seen[:2] == [light, dark]
    assert seen[2] == (light if scheme == "light" else dark)
    opened.close()


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_fits_every_width(browser: Browser, file: Path, width: int) -> None:
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.goto(file.as_uri())
    opened.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    opened.close()


def test_is_readable_without_scripts(browser: Browser, file: Path) -> None:
    opened = browser.new_context(java_script_enabled=False).new_page()
    opened.goto(file.as_uri())
    expect(opened.locator("#BK-CREATE-005")).to_contain_text("A slot is sold once.")
    expect(opened.locator("#filters")).to_be_hidden()
    opened.context.close()


def test_a_script_that_slips_in_does_not_run(browser: Browser, file: Path, tmp_path: Path) -> None:
    """Even without the escaping the policy lets nothing run that isn't ours."""
    text = file.read_text()
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(text.replace("<main>", f"<main>{HOSTILE}<p style='color: red'>", 1))
    opened = browser.new_page()
    opened.goto(spoiled.as_uri())
    assert opened.evaluate("window.hurt") is None
    assert opened.evaluate("getComputedStyle(document.querySelector('main > p')).color") != "rgb(255, 0, 0)"
    opened.close()
