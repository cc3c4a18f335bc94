"""`/v3/scheduling/availability`: the slots that can be booked."""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, path_uuid, query_time, query_value
from mockserver.domain.access import configuration_for
from mockserver.domain.availability import check_extent, host_order, time_slots
from mockserver.domain.booking import read
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("availability", __name__, url_prefix="/v3/scheduling/availability")


@blueprint.get("")
def getAvailability() -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        start, end = query_time("start_time"), query_time("end_time")
        booking_id = query_value("booking_id")
        check_extent(tx, configuration, start, end)
        moving = read(tx, configuration, path_uuid("booking_id", booking_id)) if booking_id else None
        data: dict[str, Any] = {"order": host_order(tx, configuration)} if configuration.round_robin else {}
        data["time_slots"] = [
            {"emails": list(slot.emails), "start_time": slot.start, "end_time": slot.end}
            for slot in time_slots(tx, configuration, start, end, moving)
        ]
    return enveloped({"data": data})
