"""The strict contract has nothing in it that nobody promises, and still every operation."""

from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from conformance.generation.strict import operations, strict_contract
from conformance.resources import contract as read_contract
from conformance.resources import operations as operations_of_contract


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return read_contract()


def test_it_is_a_contract_with_every_operation(contract: Any) -> None:
    strict = strict_contract(contract)
    validate(strict)
    assert {each["operationId"] for each in operations(strict)} == set(operations_of_contract())


def test_requests_hold_nothing_tolerated_or_observed(contract: Any) -> None:
    strict = strict_contract(contract)
    schemas = strict["components"]["schemas"]
    named = {name: each for name, each in schemas.items() if name.startswith("Strict.")}
    assert len(named) > 20
    asked = yaml.safe_dump([named, strict["components"]["parameters"]])
    for word in ("x-tolerated", "x-source", "Absent", "UnusedQueryValue"):
        assert word not in asked, word


def test_an_update_has_only_its_documented_keys(contract: Any) -> None:
    update = strict_contract(contract)["components"]["schemas"]["Strict.BookingUpdate"]
    assert set(update["properties"]) == {"start_time", "end_time"}


def test_responses_and_the_original_stay_as_they_are(contract: Any) -> None:
    before = yaml.safe_dump(contract)
    strict = strict_contract(contract)
    assert yaml.safe_dump(contract) == before
    for name in ("Booking", "Configuration", "OptionalText", "Language"):
        assert strict["components"]["schemas"][name] == contract["components"]["schemas"][name]
    assert all("responses" in operation for operation in operations(strict))
