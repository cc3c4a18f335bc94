"""Holds the contract itself to its word: valid, complete, and every example true."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mockserver.contract import load_contract
from tests.contract import fields

Node = Mapping[str, Any]

DOCUMENT = load_contract().document
METHODS = {"get", "put", "post", "patch", "delete"}
OPERATIONS = {
    definition["operationId"]: (path, definition)
    for path, item in DOCUMENT["paths"].items()
    for method, definition in item.items()
    if method in METHODS
}
NOTIFICATIONS = {trigger: item["post"] for trigger, item in DOCUMENT["webhooks"].items()}


def walk(node: object, at: str = "#") -> Iterator[tuple[str, Any]]:
    yield at, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from walk(child, f"{at}/{key}")


def resolve(node: Node) -> Node:
    while "$ref" in node:
        reference, node = node["$ref"], DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    return node


def complaints(schema: Node, value: object) -> list[str]:
    validator = Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [error.message for error in validator.iter_errors(value)]


def media(definition: Node) -> Iterator[tuple[str, Node, bool]]:
    """Every body of an operation: where, its media type object, and whether it is a response."""
    if "requestBody" in definition:
        yield "request", definition["requestBody"]["content"]["application/json"], False
    for status, response in definition["responses"].items():
        for content in resolve(response).get("content", {}).values():
            yield status, content, True


BODIES = [
    pytest.param(content, is_response, id=f"{name}-{where}")
    for name, definition in [
        *((name, found[1]) for name, found in OPERATIONS.items()),
        *NOTIFICATIONS.items(),
    ]
    for where, content, is_response in media(definition)
]


def test_it_is_a_valid_openapi_document() -> None:
    validate(DOCUMENT)


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


def test_every_reference_resolves() -> None:
    for _, node in walk(DOCUMENT):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert node["$ref"].startswith("#/")
            assert resolve(node) is not None


def test_every_component_is_used() -> None:
    used = {node["$ref"] for _, node in walk(DOCUMENT) if isinstance(node, dict) and "$ref" in node}
    defined = {
        f"#/components/{kind}/{name}"
        for kind, components in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in components
    }
    assert defined - used == set()


# --- operations -------------------------------------------------------------------------------------------


def test_it_lists_what_is_built() -> None:
    assert set(OPERATIONS) == set(fields.OPERATIONS.split())
    assert set(NOTIFICATIONS) == {
        f"booking.{event}" for event in ("created", "pending", "rescheduled", "cancelled", "reminder")
    }


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_operation_tells_what_a_caller_has_to_know(operation_id: str) -> None:
    _, operation = OPERATIONS[operation_id]
    assert operation["summary"]
    assert operation["description"]
    assert isinstance(operation["x-scopes"], dict)
    assert operation["security"]
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert all(name in schemes for alternative in operation["security"] for name in alternative)
    assert {"200", "400", "401", "413", "429", "504"} <= set(operation["responses"])
    assert "204" not in operation["responses"]


def test_writing_a_calendar_needs_scopes() -> None:
    needs = {"google": ["calendar.events", "calendar"], "microsoft": ["Calendars.ReadWrite"]}
    writers = {name for name, (_, operation) in OPERATIONS.items() if operation["x-scopes"]}
    assert writers == {"createBooking", "rescheduleBooking", "confirmBooking", "cancelBooking"}
    for name in writers:
        assert OPERATIONS[name][1]["x-scopes"] == needs
        assert "403" in OPERATIONS[name][1]["responses"]
    assert OPERATIONS["confirmBooking"][1]["x-scopes-source"] == "inferred"


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_response_carries_the_request_id(operation_id: str) -> None:
    for response in OPERATIONS[operation_id][1]["responses"].values():
        found = resolve(response)
        assert resolve(found["headers"]["X-Request-Id"])["required"] is True
        assert list(found["content"]) == ["application/json"]
        schema = resolve(found["content"]["application/json"]["schema"])
        assert "request_id" in schema["required"]
        assert found["content"]["application/json"]["examples"]


@pytest.mark.parametrize(("content", "is_response"), BODIES)
def test_every_body_is_a_named_schema_with_examples(content: Node, is_response: bool) -> None:
    assert set(content["schema"]) == {"$ref"}
    assert content["schema"]["$ref"].startswith("#/components/schemas/")
    assert content["examples"]


def test_links_lead_somewhere() -> None:
    links = [
        (name, link)
        for name, (_, operation) in OPERATIONS.items()
        for response in operation["responses"].values()
        for link in resolve(response).get("links", {}).values()
    ]
    assert links
    for name, link in links:
        path, target = OPERATIONS[link["operationId"]]
        known = {
            f"{parameter['in']}.{parameter['name']}": parameter
            for parameter in map(
                resolve, [*target.get("parameters", []), *DOCUMENT["paths"][path].get("parameters", [])]
            )
        }
        assert set(link["parameters"]) <= set(known), f"{name} -> {link['operationId']}"
        assert all(key in link["parameters"] for key, found in known.items() if found["in"] == "path")
        if "requestBody" in link:
            body = resolve(target["requestBody"]["content"]["application/json"]["schema"])
            assert set(link["requestBody"]) <= set(body["properties"])
            assert set(body.get("required", [])) <= set(link["requestBody"])


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("getAvailability", "createBooking"),
        ("createBooking", "getBooking"),
        ("createBooking", "rescheduleBooking"),
        ("createBooking", "confirmBooking"),
        ("createBooking", "cancelBooking"),
        ("cancelBooking", "getBooking"),
        ("createSession", "deleteSession"),
        ("createConfiguration", "getConfiguration"),
        ("createConfiguration", "updateConfiguration"),
        ("createConfiguration", "deleteConfiguration"),
        ("createConfiguration", "getAvailability"),
        ("listCalendars", "listEvents"),
        ("listCalendars", "getCalendar"),
        ("listEvents", "getEvent"),
        ("createWebhook", "getWebhook"),
        ("createWebhook", "updateWebhook"),
        ("createWebhook", "rotateWebhookSecret"),
        ("createWebhook", "deleteWebhook"),
    ],
)
def test_a_flow_is_linked(source: str, target: str) -> None:
    links = OPERATIONS[source][1]["responses"]["200"]["links"].values()
    assert target in {link["operationId"] for link in links}


# --- examples and alternatives ----------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "is_response"), BODIES)
def test_examples_of_bodies_obey_their_schema(content: Node, is_response: bool) -> None:
    for example in content["examples"].values():
        assert complaints(content["schema"], resolve(example)["value"]) == []


def test_examples_and_defaults_in_schemas_and_parameters_obey_them() -> None:
    seen = 0
    for at, node in walk(DOCUMENT):
        if not isinstance(node, dict) or "/examples/" in at or at.endswith(("/properties", "/value")):
            continue
        schema = node.get("schema", node)
        values = [node[key] for key in ("example", "default") if key in node]
        values += node["examples"] if isinstance(node.get("examples"), list) else []
        for value in values:
            seen += 1
            assert complaints(schema, value) == [], at
    assert seen > 20


def test_the_documented_defaults_are_no_tolerated_values() -> None:
    for at, node in walk(DOCUMENT["components"]["schemas"]):
        if isinstance(node, dict) and "default" in node and not at.endswith("/properties"):
            assert not node.get("x-tolerated")


def overlaps(schema: Node, value: object, at: str = "") -> Iterator[str]:
    """Where a value fits more than one alternative, or none."""
    schema = resolve(schema)
    if "anyOf" in schema and "properties" not in schema:
        fitting = [branch for branch in schema["anyOf"] if not complaints(branch, value)]
        if len(fitting) != 1:
            yield f"{at}: {len(fitting)} alternatives"
        for branch in fitting:
            yield from overlaps(branch, value, at)
    for part in schema.get("allOf", ()):
        yield from overlaps(part, value, at)
    if isinstance(value, dict):
        for key, item in value.items():
            child = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            yield from overlaps(child, item, f"{at}/{key}")
    if isinstance(value, list):
        for item in value:
            yield from overlaps(schema.get("items", {}), item, f"{at}[]")


@pytest.mark.parametrize(("content", "is_response"), [body for body in BODIES if body.values[1]])
def test_alternatives_of_responses_do_not_overlap(content: Node, is_response: bool) -> None:
    for example in content["examples"].values():
        assert list(overlaps(content["schema"], resolve(example)["value"])) == []


def reachable(schema: Node, seen: dict[int, Node]) -> dict[int, Node]:
    """All schemas that make up this one."""
    if "$ref" in schema:
        return reachable(resolve(schema), seen)
    if id(schema) not in seen:
        seen[id(schema)] = schema
        children = [
            *schema.get("properties", {}).values(),
            *schema.get("anyOf", []),
            *schema.get("allOf", []),
        ]
        children += [
            schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)
        ]
        for child in children:
            reachable(child, seen)
    return seen


def test_objects_in_responses_and_notifications_state_what_is_required() -> None:
    """What a request may leave out, a configuration in a response may leave out as well."""
    asked: dict[int, Node] = {}
    answered: dict[int, Node] = {}
    for _, operation in OPERATIONS.values():
        for _, content, is_response in media(operation):
            reachable(content["schema"], answered if is_response else asked)
    for notification in NOTIFICATIONS.values():
        reachable(notification["requestBody"]["content"]["application/json"]["schema"], answered)
    silent = [
        schema
        for key, schema in answered.items()
        if key not in asked and "object" in schema.get("type", "") and "required" not in schema
    ]
    assert silent == []


def test_requests_allow_unknown_keys() -> None:
    for at, node in walk(DOCUMENT):
        assert not (isinstance(node, dict) and node.get("additionalProperties") is False), at


def test_extensions_have_only_the_values_that_are_explained() -> None:
    allowed = {"x-tolerated": [True], "x-source": ["observed", "inferred", "ours"], "x-limit": ["ours"]}
    for at, node in walk(DOCUMENT):
        if isinstance(node, dict):
            for name in node.keys() & allowed.keys():
                assert node[name] in allowed[name], at
            if node.get("x-source") == "ours":
                assert node["x-tolerated"], f"{at}: nobody else promises it, so a suite has to take it away"


def test_tolerated_forms_can_be_taken_away() -> None:
    """Every tolerated schema stands in an anyOf beside a form that stays."""
    tolerated = {
        name for name, schema in DOCUMENT["components"]["schemas"].items() if schema.get("x-tolerated")
    }
    for at, node in walk(DOCUMENT):
        if isinstance(node, dict) and node.get("$ref", "").rpartition("/")[2] in tolerated:
            assert "/anyOf/" in at, at
        if isinstance(node, dict) and "anyOf" in node:
            kept = [
                branch for branch in node["anyOf"] if not {**resolve(branch), **branch}.get("x-tolerated")
            ]
            assert kept, at


# --- the documented fields --------------------------------------------------------------------------------


def forms(schema: Node) -> Iterator[Node]:
    """A schema with its alternatives and parts."""
    yield schema
    if "$ref" in schema:
        yield from forms(resolve(schema))
    for part in [*schema.get("anyOf", ()), *schema.get("allOf", ())]:
        yield from forms(part)


def step_into(schema: Node, step: str) -> list[Node]:
    found = list(forms(schema))
    if step == "[]":
        return [form["items"] for form in found if "items" in form]
    if step == "*":
        return [form["additionalProperties"] for form in found if "additionalProperties" in form]
    return [form["properties"][step] for form in found if step in form.get("properties", {})]


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, text in fields.FIELDS.items() for field in text.split()]
)
def test_a_documented_field_is_there(name: str, field: str) -> None:
    path, _, default = field.partition("=")
    *parents, last = path.removesuffix("!").replace("[]", ".[]").split(".")
    schemas: list[Node] = [DOCUMENT["components"]["schemas"][name]]
    for step in parents:
        schemas = [child for schema in schemas for child in step_into(schema, step)]
    children = [child for schema in schemas for child in step_into(schema, last)]
    assert children
    if path.endswith("!"):
        assert any(last in form.get("required", ()) for schema in schemas for form in forms(schema))
    if default:
        found = [form["default"] for child in children for form in forms(child) if "default" in form]
        assert json.loads(default.replace("_N", " N")) in found


def test_trigger_types_are_the_documented_ones() -> None:
    triggers = DOCUMENT["components"]["schemas"]["TriggerType"]["enum"]
    assert sorted(triggers) == sorted(fields.TRIGGER_TYPES.split())
    assert triggers[: len(NOTIFICATIONS)] == list(NOTIFICATIONS)  # so that refusals name them
    documented, ours = DOCUMENT["components"]["schemas"]["SampleTriggerType"]["anyOf"]
    assert documented["enum"] == fields.SAMPLE_TRIGGER_TYPES.split()
    assert ours["enum"] == list(NOTIFICATIONS)
    assert ours["x-source"] == "ours"


@pytest.mark.parametrize(
    ("schema", "path", "values"),
    [
        ("Booking", ["status"], "booked pending cancelled"),
        ("BookingConfirm", ["status"], "confirmed cancelled"),
        ("BookingCreate", ["email_language"], "en fr de es nl sv ja zh"),
        ("AvailabilityRules", ["availability_method"], "collective max-fairness max-availability"),
        ("EventBooking", ["booking_type"], "booking organizer-confirmation"),
        ("Reminder", ["type"], "email webhook"),
        ("Reminder", ["recipient"], "all host guest"),
        ("Event", ["status"], "confirmed tentative cancelled"),
        ("EventParticipant", ["status"], "noreply yes no maybe"),
        ("Webhook", ["status"], "active pause failing failed"),
        ("WebhookUpdate", ["status"], "active pause"),
        (
            "AdditionalField",
            ["type"],
            "text multi_line_text email phone_number dropdown date checkbox radio_button metadata",
        ),
    ],
)
def test_documented_values(schema: str, path: list[str], values: str) -> None:
    schemas: list[Node] = [DOCUMENT["components"]["schemas"][schema]]
    for step in path:
        schemas = [child for found in schemas for child in step_into(found, step)]
    listed = [form["enum"] for child in schemas for form in forms(child) if "enum" in form]
    assert values.split() in listed


# --- every documented variant of an answer ----------------------------------------------------------------

BOOKING = DOCUMENT["components"]["examples"]["BookedBooking"]["value"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("BookingOrDoneResponse", {"request_id": "r"}),
        ("BookingOrDoneResponse", BOOKING),
        ("AvailabilityResponse", {"request_id": "r", "data": {"time_slots": None}}),
        (
            "AvailabilityResponse",
            {"request_id": "r", "data": {"time_slots": [{"start_time": 1, "end_time": 2, "emails": None}]}},
        ),
        ("Error", {"request_id": "r", "error": {"type": "api.provider_error", "message": ""}}),
        (
            "Error",
            {"request_id": "r", "error": {"type": "x", "message": "", "provider_error": {"code": 401}}},
        ),
    ],
)
def test_a_documented_variant_is_admitted(schema: str, value: object) -> None:
    assert complaints({"$ref": f"#/components/schemas/{schema}"}, value) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("BookingOrDoneResponse", {"request_id": "r", "data": {}}),
        ("BookingOrDoneResponse", {"data": BOOKING["data"]}),
        ("BookingResponse", {"request_id": "r"}),
        ("BookingResponse", {"request_id": "r", "data": {**BOOKING["data"], "status": "confirmed"}}),
        (
            "AvailabilityResponse",
            {"request_id": "r", "data": {"time_slots": [{"start_time": "1", "end_time": 2}]}},
        ),
        ("Error", {"request_id": "r", "error": "no"}),
        ("Error", {"request_id": "r", "type": "x", "message": "flat"}),
        ("Error", {"request_id": "r", "error": {"type": "x", "message": "", "provider_error": "text"}}),
    ],
)
def test_what_breaks_clients_is_not_admitted(schema: str, value: object) -> None:
    assert complaints({"$ref": f"#/components/schemas/{schema}"}, value) != []


@pytest.mark.parametrize(
    ("trigger", "change"),
    [
        ("created", {"participants": None, "additional_fields": None}),
        ("created", {"guest_timezone": "", "location": ""}),
        (
            "created",
            {"host_confirmation_url": "https://example.com/confirm/x", "notetaker_id": "n", "new": 1},
        ),
        ("rescheduled", {"event_description": "", "ical_uid": ""}),
        ("cancelled", {"cancellation_reason": ""}),
        ("reminder", {"provider": "icloud"}),
    ],
)
def test_a_documented_variant_of_a_notification_is_admitted(trigger: str, change: dict[str, Any]) -> None:
    content = NOTIFICATIONS[f"booking.{trigger}"]["requestBody"]["content"]["application/json"]
    value = json.loads(json.dumps(content["examples"][trigger]["value"]))
    value["data"]["object"]["booking_info"] |= change
    assert complaints(content["schema"], value) == []


@pytest.mark.parametrize("name", ["cancellation_reason", "participants", "location", "title"])
def test_no_key_of_a_notified_booking_has_to_be_there(name: str) -> None:
    content = NOTIFICATIONS["booking.cancelled"]["requestBody"]["content"]["application/json"]
    value = json.loads(json.dumps(content["examples"]["cancelled"]["value"]))
    value["data"]["object"]["booking_info"].pop(name, None)
    value["data"]["object"]["booking_ref"] = "unlisted keys may come"
    assert complaints(content["schema"], value) == []
