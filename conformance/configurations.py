"""Configurations that the suite makes for itself, and takes back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from conformance.pages import Body, Page, mapping
from conformance.strangers.exchange import Exchange
from conformance.target import Unverified
from conformance.trial import Trial

COPIED = {
    "event_booking": ("title", "timezone"),
    "scheduler": ("min_booking_notice", "available_days_in_future"),
}
"""What is kept of these two: the rest only makes booking harder."""


def model(trial: Trial) -> Page:
    """A configuration to copy, known as a whole, with an organizer. Raises Unverified without one."""
    for page in trial.target.pages:
        if page.grant and page.complete and organizer_of(page) and page.role not in ("expired", "unscoped"):
            return page
    raise Unverified("no configuration was found that could be copied")


def organizer_of(page: Page) -> Body:
    """The participant who can be booked alone; nothing where hosts take turns."""
    wanted = ("availability", "booking", "is_organizer")
    return next((each for each in page.participants if all(each.get(key) for key in wanted)), {})


def body_like(page: Page, **changes: Any) -> dict[str, Any]:
    """The body of a new configuration like another one. `changes` replace keys; None takes one out."""
    body: dict[str, Any] = {"name": f"Conformance {uuid4().hex[:8]}"}
    body |= {key: page.body[key] for key in ("participants", "availability") if key in page.body}
    for key, kept in COPIED.items():
        body[key] = {each: value for each, value in mapping(page.body, key).items() if each in kept}
    body |= changes
    return {key: value for key, value in body.items() if value is not None}


def body_alone(page: Page, **changes: Any) -> dict[str, Any]:
    """The body of a new configuration with the organizer of another one and nobody else."""
    return body_like(page, **{"participants": [organizer_of(page)], **changes})


def path_of(grant: str, configuration_id: str = "") -> str:
    """Where configurations of a grant are made, or where one of them is."""
    path = f"/v3/grants/{grant}/scheduling/configurations"
    return f"{path}/{configuration_id}" if configuration_id else path


def create(trial: Trial, grant: str, body: Mapping[str, Any]) -> Exchange:
    """Try to make a configuration; one that is made is in the ledger."""
    answer = trial.admin("POST", path_of(grant), body=body)
    id = _id_in(answer)
    if id is not None:
        trial.target.made("configuration", id, path_of(grant, id))
    return answer


def remove(trial: Trial, grant: str, configuration_id: str) -> Exchange:
    """Try to delete a configuration."""
    answer = trial.admin("DELETE", path_of(grant, configuration_id))
    if answer.accepted or answer.status == 404:
        trial.target.gone("configuration", configuration_id)
    return answer


def remove_made(trial: Trial, grant: str, answer: Exchange) -> None:
    """Delete what an attempt has made, where it has made anything."""
    id = _id_in(answer)
    if id is not None:
        remove(trial, grant, id)


@contextmanager
def made(trial: Trial, grant: str, body: Mapping[str, Any]) -> Iterator[Page]:
    """A new configuration; its bookings are cancelled and it is deleted in the end. Raises Unverified."""
    answer = create(trial, grant, body)
    id = _id_in(answer)
    if id is None:
        raise Unverified(f"a configuration that this needs was refused: {answer.told()}")
    shown: Body = answer.data
    try:
        yield Page(id, "", grant, {**body, **shown}, complete=True)
    finally:
        trial.finish()
        remove(trial, grant, id)


def _id_in(answer: Exchange) -> str | None:
    id = answer.data.get("id") if answer.accepted and isinstance(answer.data, dict) else None
    return id if isinstance(id, str) and id else None
