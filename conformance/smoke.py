"""Before anything is judged: can this target be tested at all?"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.clauses import PERMISSIONS, Level, clauses
from conformance.control import ControlError
from conformance.pages import Page, features
from conformance.settings import Settings
from conformance.strangers.caller import Unreachable
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, DAY, NO_GRANT, Target, Unverified, slots_of

MOST_SKEW = 120
"""Seconds that the clocks may differ by."""
PAGE_LIMIT = 20
"""How many pages of a list of configurations are read."""


SLUG = "slug:"
"""Before a configuration that is named by its slug."""


class CouldNotTest(Exception):
    """Why nothing can be said about the target."""


def smoke(target: Target) -> None:
    """Find out what there is. Raises CouldNotTest: the target is not to blame for anything yet."""
    try:
        _reachable(target)
        _find_pages(target)
        _offers_something(target)
    except (Unreachable, ControlError, CouldNotTest) as error:
        raise CouldNotTest(target.secrets.mask(str(error))) from None
    _permissions(target.settings)


def _reachable(target: Target) -> None:
    if target.control is not None and not target.control.is_mock():
        raise CouldNotTest("--use-control was given, but the target doesn't say that it is the mock")
    answer = target.caller.call("GET", AVAILABILITY)
    if answer.status >= 500 or answer.content is None:
        raise CouldNotTest(f"the target doesn't answer as an API does: {answer.told()}")
    said = answer.answer_headers.get("date")
    if target.control is None and said:
        try:
            target.skew = round(parsedate_to_datetime(said).timestamp() - answer.at)
        except ValueError:
            return
        if abs(target.skew) > MOST_SKEW:
            raise CouldNotTest(f"the clocks differ by {target.skew} seconds; expected at most {MOST_SKEW}")


def _find_pages(target: Target) -> None:
    settings = target.settings
    named = {id: role for role, ids in settings.configurations.items() for id in ids}
    listed = {page.id: page for page in _listed(target)} if settings.api_key and settings.grants else {}
    for id, role in named.items():
        if id.startswith(SLUG):
            target.pages.append(_by_slug(target, id.removeprefix(SLUG), role, listed.values()))
            continue
        known = listed.get(id)
        body = known.body if known else _settings_of(target, configuration_id=id)
        target.pages.append(Page(id, role, known.grant if known else "", body, known is not None))
    if not any(role in ("", "booking") for role in settings.configurations):
        target.pages += [page for id, page in listed.items() if id not in named]
    if not target.pages:
        raise CouldNotTest(
            "there is nothing to test with: name configurations (--configuration), "
            "or give an API key and a grant (--api-key, --grant) to look for them"
        )


def _by_slug(target: Target, slug: str, role: str, listed: Iterable[Page]) -> Page:
    """The page with a slug, which is asked by its slug from now on."""
    if target.settings.client_id is None:
        raise CouldNotTest(f"--configuration {SLUG}{slug} names a slug, and that takes --client-id")
    known = next((page for page in listed if page.slug == slug), None)
    if known is not None:
        return replace(known, role=role, by_slug=slug)
    body = _settings_of(target, slug=slug, client_id=target.settings.client_id)
    if not isinstance(body.get("configuration_id"), str):
        raise CouldNotTest(
            f"the target doesn't tell which configuration has the slug {slug}: name it by its id, "
            "or give an API key and the grant that it belongs to"
        )
    return Page(body["configuration_id"], role, "", body, by_slug=slug)


def _listed(target: Target) -> Iterator[Page]:
    for grant in target.settings.grants:
        path = f"/v3/grants/{grant}/scheduling/configurations"
        token: str | None = None
        for _ in range(PAGE_LIMIT):
            query = {"page_token": token} if token else None
            answer = target.caller.call("GET", path, query=query, bearer=target.settings.api_key)
            if answer.status == 401:
                raise CouldNotTest(f"the API key is refused: {answer.told()}")
            if not answer.ok or not isinstance(answer.data, list):
                raise CouldNotTest(f"configurations of {grant} can't be listed: {answer.told()}")
            for body in answer.data:
                if isinstance(body, dict) and isinstance(body.get("id"), str):
                    yield Page(body["id"], "", grant, body, complete=True)
            token = answer.content.get("next_cursor")
            if not token:
                break
        target.reads_events = target.reads_events or _reads_events(target, grant)


def _reads_events(target: Target, grant: str) -> bool:
    query = {"calendar_id": "primary", "limit": 1}
    answer = target.caller.call(
        "GET", f"/v3/grants/{grant}/events", query=query, bearer=target.settings.api_key
    )
    return answer.ok


def _settings_of(target: Target, **query: str) -> dict[str, Any]:
    """What the page's own settings tell of a configuration; nothing where the target has no such call."""
    answer = target.caller.call("GET", "/v3/scheduling/ui-settings", query=query)
    return answer.data if answer.ok and isinstance(answer.data, dict) else {}


def _offers_something(target: Target) -> None:
    """At least one configuration that anybody can use has a slot in the window."""
    now = target.now()
    usable = [page for page in target.pages if page.role not in ("expired", "unscoped")]
    fits = features(now)
    public = [page for page in usable if not fits["private"](page)] or usable
    start, end = target.settings.limits.window.at(now)
    seen: Exchange | None = None
    for page in public:
        about = target.about(page)
        query = {**about.pop("query", {}), "start_time": start, "end_time": min(end, start + 7 * DAY)}
        seen = target.caller.call("GET", AVAILABILITY, query=query, **about)
        try:
            if slots_of(seen):
                return
        except Unverified:
            _note_expired(target, page, seen)
    window = target.settings.limits.window
    raise CouldNotTest(
        f"no configuration offers a slot {window.first} to {window.last} days ahead (--window); "
        f"the last answer was {seen.told() if seen else 'none'}"
    )


def _note_expired(target: Target, page: Page, seen: Exchange) -> None:
    """A configuration whose host has no valid grant says so: it serves for that, and for nothing else."""
    if not page.role and seen.message.startswith(NO_GRANT):
        target.pages[target.pages.index(page)] = replace(page, role="expired")


def _permissions(settings: Settings) -> None:
    """A profile that is selected and of which nothing is permitted would end green without a look."""
    for profile in settings.selected:
        musts = (each for each in clauses().values() if each.level == Level.MUST)
        promised = [each for each in musts if each.profile == profile]
        if not promised:
            continue
        if not settings.limits.allow_writes and all("writes" in each.needs for each in promised):
            raise CouldNotTest(f"the profile {profile} writes: it needs {PERMISSIONS['writes']}")
        if settings.listen is None and all("receiver" in each.needs for each in promised):
            raise CouldNotTest(
                f"the profile {profile} receives deliveries: it needs {PERMISSIONS['receiver']}"
            )
