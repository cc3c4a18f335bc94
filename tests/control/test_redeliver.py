"""`/_mock/notifications`: following along with `after`, and bringing one once more."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.control.conftest import SECRET
from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT, TEN

HOUR = 3600


def announced(plane: Plane, start: int = TEN) -> str:
    """The id of the notification of a new booking, once it has been tried."""
    plane.book(start)
    answer = plane.get("notifications", query={"wait": "10"})
    assert answer["complete"]
    return str(answer["data"][-1]["id"])


def again(plane: Plane, id: str, webhook_id: str | None = None) -> list[dict[str, Any]]:
    body = {} if webhook_id is None else {"webhook_id": webhook_id}
    answer = plane.done("POST", f"notifications/{id}/redeliver", body)
    assert answer["complete"] is True
    return list(answer["data"])


def rows(plane: Plane, id: str) -> list[dict[str, Any]]:
    return [each for each in plane.get("notifications")["data"] if each["id"] == id]


def test_a_delivered_notification_comes_again_as_another_attempt(told: Plane, receiver: Receiver) -> None:
    id = announced(told)
    (redelivered,) = again(told, id)
    first, second = receiver.wait_for(2)
    assert (redelivered["status"], redelivered["webhook_id"]) == ("delivered", "hook")
    assert (redelivered["attempt"]["n"], redelivered["attempt"]["status"]) == (2, 200)
    assert first.json["id"] == second.json["id"] == id
    assert [each.json["webhook_delivery_attempt"] for each in (first, second)] == [1, 2]
    assert second.json["data"] == first.json["data"]
    assert second.verified
    (row,) = rows(told, id)
    assert [each["n"] for each in row["attempts"]] == [1, 2]


def test_a_failed_one_gets_another_chance(told: Plane, receiver: Receiver) -> None:
    receiver.status = 404
    id = announced(told)
    assert rows(told, id)[0]["status"] == "failed"
    (still,) = again(told, id)
    assert (still["status"], still["attempt"]["status"]) == ("failed", 404)
    receiver.status = 200
    (better,) = again(told, id)
    assert (better["status"], better["attempt"]["n"]) == ("delivered", 3)
    assert again(told, id)[0]["attempt"]["n"] == 4  # as often as one likes


def test_it_takes_the_place_of_the_retry_that_was_due(told: Plane, receiver: Receiver) -> None:
    receiver.status = 503
    id = announced(told)
    assert rows(told, id)[0]["status"] == "retrying"
    receiver.status = 200
    assert again(told, id)[0]["status"] == "delivered"
    assert told.done("PATCH", "clock", {"advance": "PT1H"})["fired"] == []
    assert len(receiver.received) == 2


def test_the_webhook_is_taken_as_it_is_now(told: Plane, receiver: Receiver) -> None:
    id = announced(told)
    with Receiver("new-secret") as other:
        world = told.sandbox.world
        changed = replace(
            world.webhooks["hook"], url=other.url, secret="new-secret", compressed_delivery=True
        )
        world.webhooks.put("hook", changed)
        again(told, id)
        (received,) = other.wait_for(1)
    assert received.verified
    assert received.headers["content-encoding"] == "gzip"
    assert received.json["id"] == id
    assert len(receiver.received) == 1


def test_one_that_no_webhook_wanted_goes_where_it_is_told_to(
    plane_of: Callable[..., Plane], receiver: Receiver
) -> None:
    hook = {"id": "hook", "url": receiver.url, "secret": SECRET, "triggers": ["booking.cancelled"]}
    told = plane_of({**DOCUMENT, "webhooks": {"hook": hook}})
    told.book()
    (row,) = told.get("notifications")["data"]
    assert row["webhook_id"] is None
    assert told.refused("POST", f"notifications/{row['id']}/redeliver", status=409)["type"] == "conflict"
    (redelivered,) = again(told, row["id"], "hook")
    assert (redelivered["status"], redelivered["attempt"]["n"]) == ("delivered", 1)
    assert [each["webhook_id"] for each in rows(told, row["id"])] == ["hook"]
    assert receiver.wait_for(1)[0].json["webhook_delivery_attempt"] == 1


def test_it_goes_to_all_its_webhooks_or_to_one(plane_of: Callable[..., Plane], receiver: Receiver) -> None:
    hooks = {
        name: {
            "id": name,
            "url": f"{receiver.url}/{name}",
            "secret": SECRET,
            "triggers": [f"booking.{trigger}"],
        }
        for name, trigger in {"a": "created", "b": "created", "c": "cancelled"}.items()
    }
    plane = plane_of({**DOCUMENT, "webhooks": hooks})
    id = announced(plane)
    assert {each["webhook_id"] for each in again(plane, id)} == {"a", "b"}
    assert [each["webhook_id"] for each in again(plane, id, "b")] == ["b"]
    assert [each["webhook_id"] for each in again(plane, id, "c")] == ["c"]
    assert [each["attempt"]["n"] for each in again(plane, id, "c")] == [2]
    paths = [each.path for each in receiver.received]
    assert {name: paths.count(f"/hook/{name}") for name in "abc"} == {"a": 2, "b": 3, "c": 2}
    assert {each["webhook_id"] for each in rows(plane, id)} == {"a", "b", "c"}


def test_what_cannot_be_brought_is_refused(told: Plane, receiver: Receiver) -> None:
    id = announced(told)
    path = f"notifications/{id}/redeliver"
    assert told.refused("POST", "notifications/unknown/redeliver", status=404)["type"] == "not_found_error"
    assert "webhook_id" in told.refused("POST", path, {"webhook_id": "none"}, 404)["message"]
    assert told.refused("POST", path, {"webhook_id": 7})["path"] == "webhook_id"
    assert told.refused("POST", path, {"webhook": "hook"})["path"] == "webhook"
    assert told.ask("POST", path, raw="webhook_id: hook", type="text/plain").status_code == 415
    pause(told)
    assert told.refused("POST", path, status=409)["type"] == "conflict"
    assert "pause" in told.refused("POST", path, {"webhook_id": "hook"}, 409)["message"]
    told.sandbox.world.webhooks.remove("hook")
    told.refused("POST", path, status=409)
    assert len(receiver.received) == 1


def pause(plane: Plane) -> None:
    webhooks = plane.sandbox.world.webhooks
    webhooks.put("hook", replace(webhooks["hook"], status="pause"))


def test_what_is_on_its_way_is_left_alone(told: Plane, receiver: Receiver) -> None:
    receiver.manner = "hang"
    told.book()
    receiver.wait_for(1)
    (row,) = told.get("notifications")["data"]
    told.refused("POST", f"notifications/{row['id']}/redeliver", status=409)
    receiver.release()
    assert told.done("POST", "drain") == {"drained": True}
    assert again(told, row["id"])[0]["status"] == "delivered"


def test_a_receiver_may_ask_for_it_while_it_gets_another(told: Plane, receiver: Receiver) -> None:
    id = announced(told)
    answers: list[Any] = []
    receiver.on_delivery = lambda delivery: answers.append(told.get("state")["clock"])
    again(told, id)
    assert len(answers) == 1


def test_a_cursor_leads_on_without_missing_or_repeating(told: Plane) -> None:
    seen: list[str] = []
    cursor = told.get("notifications", query={"after": "now"})["cursor"]
    for number in range(3):
        ids = [announced(told, TEN + number * HOUR)]
        answer = told.get("notifications", query={"after": cursor, "wait": "5"})
        assert [each["id"] for each in answer["data"]] == ids
        assert told.get("notifications", query={"after": answer["cursor"]})["data"] == []
        seen += ids
        cursor = answer["cursor"]
    assert [each["id"] for each in told.get("notifications")["data"]] == seen


def test_now_waits_for_the_next_one(plane: Plane) -> None:
    plane.book()
    assert plane.get("notifications", query={"after": "now", "wait": "0.05"})["complete"] is False
    cursor = plane.get("notifications", query={"after": "now"})["cursor"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(plane.get, "notifications", query={"after": cursor, "wait": "30"})
        plane.book(TEN + HOUR)
        answer = waiting.result(10)
    (row,) = answer["data"]
    assert answer["complete"] is True
    assert row["payload"]["data"]["object"]["booking_info"]["start_time"] == TEN + HOUR


def test_after_a_reset_the_whole_new_world_comes_after_any_cursor(plane: Plane) -> None:
    plane.book()
    before = plane.get("notifications")
    plane.done("POST", "reset")
    assert plane.get("notifications", query={"after": before["cursor"]})["data"] == []
    plane.book()
    again = plane.get("notifications", query={"after": before["cursor"]})
    assert again["data"] == before["data"]  # with the same ids, as the clock stands
    assert again["cursor"] != before["cursor"]


def test_it_need_not_wait_for_the_receiver(told: Plane, receiver: Receiver) -> None:
    receiver.manner = "hang"
    told.book()
    answer = told.get("notifications", query={"wait": "30", "tried": "false"})
    assert (answer["complete"], answer["data"][0]["status"]) == (True, "queued")
    receiver.release()


def test_a_type_leaves_the_cursor_where_everybody_is(plane: Plane) -> None:
    plane.book()
    answer = plane.get("notifications", query={"type": "booking.cancelled"})
    assert answer["data"] == []
    assert plane.get("notifications", query={"after": answer["cursor"]})["data"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("after", "then"),
        ("after", ""),
        ("after", "4f1c0b9a7e25"),
        ("after", "4f1c0b9a7e25.-1"),
        ("after", "4f1c0b9a7e25.1\n"),
        ("after", "4f1c0b9a7e25." + "9" * 16),
        ("tried", "no"),
    ],
)
def test_wrong_parameters_are_refused(plane: Plane, name: str, value: str) -> None:
    assert plane.refused("GET", "notifications", query={name: value})["path"] == name
