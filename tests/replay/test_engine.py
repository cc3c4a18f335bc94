"""What each kind of step does against the mock, and what is said when it isn't as expected."""

from typing import Any

from mockserver.replaying import replay_document
from tests.replay.worlds import (
    BOOKINGS,
    CONFIGURED,
    GUEST,
    about,
    at,
    body,
    booking,
    outcomes,
    replayed,
    scenario,
)
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, NOW

HOUR = 3600
ASKED = {"configuration_id": "${configurations.ask.id}"}


def intro(**more: Any) -> dict[str, Any]:
    """The configurations, of one of them some keys replaced."""
    configurations = scenario()["configurations"]
    one = configurations["intro"]
    return {**configurations, "intro": {**one, "body": {**one["body"], **more}}}


def get(path: str, **more: Any) -> dict[str, Any]:
    return {"request": {"method": "GET", "path": path, **more}}


def availability(expect: Any, workday: int = 1) -> dict[str, Any]:
    window = {"start_time": at(workday, "10:00"), "end_time": at(workday, "10:30")}
    step = get("/v3/scheduling/availability", query={**CONFIGURED, **window})
    return {**step, "expect": {"status": 200, "body": {"data": {"time_slots": expect}}}}


def differences(*steps: Any, **more: Any) -> list[str]:
    return [str(each) for step in replayed(*steps, **more).steps for each in step.differences]


def test_a_booking_lives_its_life() -> None:
    moved = {"start_time": at(2, "11:00"), "end_time": at(2, "11:30")}
    replay = replayed(
        booking(expect={"status": 200, "body": {"data": {"booking_id": {"$id": True}, "status": "booked"}}}),
        about("PATCH", body=moved),
        about("GET"),
        about("DELETE", body={"cancellation_reason": "ill"}),
        {
            "notifications": [
                {"type": "booking.created", "data": {"object": {"booking_id": "${steps.book.id}"}}},
                {"type": "booking.rescheduled"},
                {"type": "booking.cancelled"},
            ]
        },
        {"notifications": []},
    )
    assert replay.held
    assert outcomes(replay) == ["held"] * 6
    assert [each["type"] for each in replay.notifications] == [
        "booking.created",
        "booking.rescheduled",
        "booking.cancelled",
    ]


def test_a_difference_names_place_and_values() -> None:
    replay = replayed(booking(expect={"status": 400, "body": {"data": {"status": "pending"}}}))
    assert not replay.held
    assert replay.verdict == "differed"
    assert [str(each) for each in replay.steps[0].differences] == [
        "steps[0].expect.status: expected 400, got 200",
        'steps[0].expect.body.data.status: expected "pending", got "booked"',
    ]


def test_what_follows_a_step_that_saved_nothing_is_not_blamed_on_the_answer() -> None:
    replay = replayed(booking(expect={"status": 200}, hour=3), about("GET"))
    assert outcomes(replay) == ["differed", "failed"]
    assert "${steps.book.id} was not saved" in replay.steps[1].note


def test_an_output_that_is_not_there_fails_the_step() -> None:
    step = {**booking(), "outputs": {"x": "$.data.nothing"}}
    replay = replayed(step)
    assert outcomes(replay) == ["failed"]
    assert replay.steps[0].note == "outputs.x: there is nothing at $.data.nothing"


def test_an_organizer_confirms_by_the_reference_in_the_mail() -> None:
    pending = {
        "stepId": "ask",
        "request": {"method": "POST", "path": BOOKINGS, "query": ASKED, "body": body()},
        "expect": {"status": 200, "body": {"data": {"status": "pending"}}},
    }
    mail = {
        "stepId": "mail",
        "mails": [
            {
                "to": ["alice@example.com"],
                "links": {"confirm": {"$pattern": "https://example.com/confirm/.+"}},
            }
        ],
        "outputs": {"link": "$[0].links.confirm"},
    }
    confirm = {
        "request": {
            "method": "PUT",
            "path": f"{BOOKINGS}/${{steps.mail.link.booking_id}}",
            "query": {"configuration_id": "${steps.mail.link.configuration_id}"},
            "body": {"salt": "${steps.mail.link.salt}", "status": "confirmed"},
        },
        "expect": {"status": 200, "body": {"data": {"status": "booked"}}},
    }
    told = {"notifications": [{"type": "booking.pending"}, {"type": "booking.created"}]}
    replay = replayed(pending, mail, confirm, told)
    assert replay.held, replay.differences()


def test_a_part_of_what_is_no_reference() -> None:
    replay = replayed(booking(), get("/v3/x", query={"salt": "${steps.book.id.salt}"}))
    assert "expected a booking reference" in replay.steps[1].note


def test_somebody_else_takes_a_time_and_gives_it_back() -> None:
    lunch = {
        "stepId": "lunch",
        "event": {
            "calendar": "alice/main",
            "title": "Lunch",
            "at": {"workday": 1, "at": "10:00"},
            "duration": 30,
        },
    }
    replay = replayed(
        availability([{"start_time": at(1, "10:00")}]),
        lunch,
        availability([]),
        booking(expect={"status": 400}) | {"outputs": {}},
        {"event": {"delete": "${steps.lunch.id}"}},
        availability({"$contains": {"start_time": at(1, "10:00")}}),
    )
    assert replay.held, replay.differences()


def test_times_stay_where_they_are_when_the_clock_moves() -> None:
    replay = replayed(
        {"clock": {"advance": "P1D"}},
        availability([{"start_time": NOW + 25 * HOUR}]),
        {"clock": {"now": {"day": 3, "at": "09:00"}}},
        availability([]),
    )
    assert replay.held, replay.differences()


def test_the_clock_does_not_go_back() -> None:
    replay = replayed({"clock": {"advance": "P1D"}}, {"clock": {"now": "2026-03-02T09:00:00Z"}})
    assert outcomes(replay) == ["held", "failed"]
    assert "not before the clock's" in replay.steps[1].note


def test_the_clock_ends_with_the_century_after_next() -> None:
    far = {"clock": {"advance": "P60000D"}}
    replay = replayed(far, far, booking(expect={"status": 400}) | {"outputs": {}})
    assert outcomes(replay) == ["held", "failed", "held"]
    assert "not beyond the year 2199" in replay.steps[1].note


def test_what_falls_due_on_the_way_is_done() -> None:
    reminder = {"type": "webhook", "minutes_before_event": 60}
    replay = replayed(
        booking(),
        {"notifications": [{"type": "booking.created"}]},
        {"clock": {"advance": "P1D"}},
        {"notifications": [{"type": "booking.reminder"}]},
        configurations=intro(event_booking={"title": "Talk", "timezone": "UTC", "reminders": [reminder]}),
    )
    assert replay.held, replay.differences()


def test_faults_strike_from_their_step_on_until_they_are_cleared() -> None:
    slow = {"match": {"operation": "createBooking"}, "effect": {"status": 429, "delay_ms": 300_000}}
    again = {"stepId": "again", "request": booking()["request"], "expect": {"status": 429}}
    replay = replayed(
        {"fault": slow},
        again,
        {"faults": "clear"},
        booking(),
        {
            "fault": {
                "match": {"operation": "getBooking", "booking_id": "${steps.book.id}"},
                "effect": {"status": 404},
            }
        },
        about("GET", status=404),
        {"notifications": [{"type": "booking.created"}]},
    )
    assert replay.held, replay.differences()  # at once: delays are not waited for


def test_an_answer_that_gets_lost() -> None:
    lost = {"match": {"operation": "createBooking"}, "times": 1, "effect": {"drop": "after"}}
    half = {"match": {"operation": "getBooking"}, "effect": {"truncate": True}}
    outcome_unknown = {"request": booking()["request"], "expect": {"lost": True}}
    replay = replayed(
        {"fault": lost},
        outcome_unknown,
        {"notifications": [{"type": "booking.created"}]},
        booking(hour=11),
        {"fault": half},
        {**about("GET"), "expect": {"lost": True}},
        {**about("GET"), "expect": {"status": 200}},
        {"request": about("GET")["request"]},
    )
    assert outcomes(replay) == [*["held"] * 6, "differed", "failed"]
    assert replay.steps[6].note == "the connection was closed"
    assert differences(booking(expect={"lost": True})) == [
        "steps[0].expect.lost: expected no whole answer, got 200"
    ]


def test_headers_and_text() -> None:
    html = {"status": 502, "body": "<h1>502</h1>", "headers": {"Content-Type": "text/html"}}
    good = {
        "status": [502, 503],
        "headers": {"content-type": {"$pattern": "text/html.*"}, "Retry-After": {"$absent": True}},
        "text": {"$pattern": "<h1>.*</h1>"},
    }
    replay = replayed(
        {"fault": {"match": {"operation": "createBooking"}, "effect": html}},
        {"request": booking()["request"], "expect": good},
        {"request": booking()["request"], "expect": {"body": {"a": 1}, "headers": {"Retry-After": "1"}}},
    )
    assert outcomes(replay) == ["held", "held", "differed"]
    assert [str(each) for each in replay.steps[2].differences] == [
        'steps[2].expect.headers.Retry-After: expected "1", got nothing',
        'steps[2].expect.body: expected a mapping, {"a": 1}, got nothing',
    ]


def test_exactly_this_body() -> None:
    step = about("DELETE")
    step["expect"] = {"status": 200, "body": {}, "exact": True}
    assert differences(booking(), step) == [
        f'steps[1].expect.body.request_id: expected no such key, got "{_request_id(booking(), step)}"'
    ]


def _request_id(*steps: Any) -> str:
    answer = replayed(*steps).steps[-1].answer
    assert answer is not None
    return str(answer.content["request_id"])


def test_requests_are_what_was_written() -> None:
    odd = {
        "method": "POST",
        "path": "/v3/grants/${grants.alice.email}/x",
        "query": {"a": ["1", 2, True], "t": at(1, "10:00"), "b": "ü&="},
        "headers": {"Authorization": "Bearer ${application.api_key}"},
        "text": "{not json ${application.client_id}",
    }
    sent = replayed({"request": odd}).steps[0].sent
    assert sent is not None
    assert sent.url == f"/v3/grants/alice%40example.com/x?a=1&a=2&a=true&t={NOW + 25 * HOUR}&b=%C3%BC%26%3D"
    assert sent.headers == {"Authorization": f"Bearer {API_KEY}"}
    assert sent.body == b"{not json 11111111-1111-4111-8111-111111111111"
    sent = replayed({"request": {**odd, "text": ""}}).steps[0].sent
    assert sent is not None
    assert sent.body == b""


def test_a_value_can_not_lead_out_of_the_path() -> None:
    named = {**booking(), "outputs": {"title": "$.data.title"}}
    there = get("/v3/${steps.book.title}/_mock/state")
    for title, sent in (
        ("..", None),
        (".", None),
        ("a/../..", None),
        ("a?b", "/v3/a%3Fb/_mock/state"),
    ):
        replay = replayed(
            named, there, configurations=intro(event_booking={"title": title, "timezone": "UTC"})
        )
        found = replay.steps[1].sent
        assert (found and found.url) == sent
        assert replay.steps[1].outcome == ("held" if sent else "failed")


def test_everything_in_the_world_has_a_name() -> None:
    booked = {
        "b": {
            "configuration": "intro",
            "at": {"workday": 3, "at": "10:00"},
            "guest": GUEST,
            "salt": "4XhAo_vYPK1WKg",
        }
    }
    more = {
        "sessions": {"s": {"configuration": "private"}},
        "webhooks": {"w": {"url": "http://127.0.0.1:9/", "secret": "shh-not-told"}},
        "bookings": booked,
    }
    names = [
        "application.client_id",
        "grants.alice.id",
        "grants.alice.email",
        "configurations.intro.id",
        "configurations.intro.slug",
        "sessions.s.id",
        "bookings.b.id",
        "bookings.b.salt",
        "bookings.b.booking_ref",
        "bookings.b.event_id",
        "webhooks.w.id",
        "webhooks.w.secret",
    ]
    replay = replayed(get("/v3/x", query={name: f"${{{name}}}" for name in names}), **more)
    sent = replay.steps[0].sent
    assert sent is not None
    assert "bookings.b.salt=4XhAo_vYPK1WKg" in sent.url
    assert "configurations.intro.slug=intro" in sent.url
    listed = get("/v3/scheduling/bookings/${bookings.b.id}", query=CONFIGURED)
    assert replayed({**listed, "expect": {"status": 200}}, **more).held
    session = get(
        "/v3/scheduling/bookings/${bookings.b.id}", headers={"Authorization": "Bearer ${sessions.s.id}"}
    )
    assert replayed({**session, "expect": {"status": 404}}, **more).held  # of another configuration


def test_nothing_is_delivered_unless_it_is_to_be() -> None:
    with Receiver() as receiver:
        hooked = {"webhooks": {"w": {"url": receiver.url}}}
        create = {
            "request": {
                "method": "POST",
                "path": "/v3/webhooks",
                "headers": {"Authorization": "Bearer ${application.api_key}"},
                "body": {"webhook_url": receiver.url, "trigger_types": ["booking.created"]},
            },
            "expect": {"status": 200},
        }
        told = {"notifications": [{"type": "booking.created"}]}  # once, though two webhooks get it
        assert replayed(create, booking(), told, **hooked).held
        assert not receiver.received
        assert not receiver.challenges


def test_a_scenario_without_steps_says_so() -> None:
    replay = replayed()
    assert replay.verdict == "skipped"
    assert replay.reason == "it has no steps"


def test_a_scenario_on_the_real_clock_stands_still() -> None:
    document = scenario(availability({"$any": True}), booking(), clock={"mode": "real"})
    first, second = replay_document(document), replay_document(document)
    assert first.held
    assert [step.answer for step in first.steps] == [step.answer for step in second.steps]
