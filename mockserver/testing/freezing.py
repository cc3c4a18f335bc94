"""Whether the test has stopped the machine's time, with freezegun or time-machine."""

import sys
import time


def time_is_frozen() -> bool:
    """Whether one of them is at work at this moment. Neither is imported for it."""
    freezegun = getattr(time.time, "__module__", None) == "freezegun.api"  # noqa: TID251 - not asked, looked at
    time_machine = sys.modules.get("time_machine")
    return freezegun or (time_machine is not None and time_machine.escape_hatch.is_travelling())
