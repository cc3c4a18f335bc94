"""What of a recorded answer is expected of another server: what the contract has, and no more."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.contract import load_contract
from mockserver.contract.schemas import Schemas
from mockserver.recording.calls import NO_DATA, Call
from mockserver.recording.inference import SCHEDULER_KEYS, as_json


def documented(call: Call) -> str | None:
    """The answer with what the contract has, and the mock would say too."""
    data = call.data() if call.answer is not None else NO_DATA
    operation = call.operation
    if not isinstance(data, dict) or operation is None or call.status is None:
        return None
    reference = load_contract().operation(operation).responses.get(call.status)
    if reference is None:
        return as_json({"error": data["error"]}) if isinstance(data.get("error"), dict) else None
    known = _known(_schemas(), {"$ref": reference}, data)
    if operation == "getUiSettings":
        known = _settled(known)
    elif operation == "getAvailability" and isinstance(known.get("data"), dict):
        known["data"].pop("order", None)
    return as_json(known)


def _known(schemas: Schemas, schema: Mapping[str, Any], value: Any) -> Any:
    """A copy without the keys that no schema knows."""
    if isinstance(value, Mapping):
        below = {key: schemas.child(schema, key)[1] for key in value}
        return {key: _known(schemas, below[key], each) for key, each in value.items() if below[key]}
    if isinstance(value, list):
        items = schemas.child(schema, 0)[1]
        return [_known(schemas, items, each) for each in value]
    return value


def _settled(answer: dict[str, Any]) -> dict[str, Any]:
    """The settings of a page, without what is empty and what only looks different elsewhere."""
    data = answer.get("data")
    if not isinstance(data, dict):
        return answer
    kept = {key: value for key, value in data.items() if key not in ("appearance", "booking")}
    scheduler = kept.get("scheduler")
    if isinstance(scheduler, dict):
        kept["scheduler"] = {
            key: value for key, value in scheduler.items() if value and key in SCHEDULER_KEYS
        }
    return {"data": {key: value for key, value in kept.items() if value not in (None, "", {})}}


@lru_cache(maxsize=1)
def _schemas() -> Schemas:
    return Schemas(load_contract().document)
