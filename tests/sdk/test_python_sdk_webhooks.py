"""The official Python SDK's webhook calls against a server process."""

from collections.abc import Iterator
from typing import Any

import pytest
from nylas import Client
from nylas.models.errors import NylasApiError

from tests.support.receiver import Receiver
from tests.support.remote import Remote
from tests.support.worlds import INTRO, TEN


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def book(client: Client, start: int) -> str:
    guest = {"name": "Gina", "email": "gina@example.com"}
    asked: Any = {"start_time": start, "end_time": start + 1800, "guest": guest}
    booking_id: str = client.scheduler.bookings.create(asked, {"configuration_id": INTRO}).data.booking_id
    return booking_id


def test_the_life_of_a_webhook(world: Remote, client: Client, hook: Receiver) -> None:
    webhooks = client.webhooks
    asked: Any = {"webhook_url": hook.url, "trigger_types": ["booking.created"], "description": "Shop"}
    made = webhooks.create(asked).data
    assert (made.status, made.webhook_url, made.description) == ("active", hook.url, "Shop")
    found = webhooks.find(made.id).data
    assert (found.id, found.created_at) == (made.id, made.created_at)
    assert webhooks.list().data == [found]

    both: Any = {
        "trigger_types": ["booking.created", "booking.cancelled"],
        "notification_email_addresses": ["a@b.example"],
    }
    changed = webhooks.update(made.id, both).data
    assert changed.trigger_types == both["trigger_types"]
    assert changed.notification_email_addresses == ["a@b.example"]
    assert changed.description == "Shop"

    paused: Any = {"status": "pause"}
    assert webhooks.update(made.id, paused).data.status == "pause"
    book(client, TEN)
    resumed: Any = {"status": "active"}
    assert webhooks.update(made.id, resumed).data.status == "active"
    assert len(hook.challenges) == 2

    rotated = webhooks.rotate_secret(made.id).data
    assert rotated.id == made.id
    assert rotated.webhook_secret != made.webhook_secret
    hook.trust(rotated.webhook_secret)
    booking_id = book(client, TEN + 3600)
    (delivery,) = hook.wait_for(1)
    assert delivery.verified
    assert delivery.json["data"]["object"]["booking_id"] == booking_id

    assert webhooks.ip_addresses().data.ip_addresses == ["127.0.0.1"]

    gone = webhooks.destroy(made.id)
    assert gone.request_id
    assert webhooks.list().data == []
    with pytest.raises(NylasApiError) as refused:
        webhooks.rotate_secret(made.id)
    assert (refused.value.status_code, refused.value.type) == (400, "70000")
