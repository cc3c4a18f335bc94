"""How random events recur: a start, and lines of iCalendar, around a time at which one shall take place.

Only rules that dateutil comes to an end with: there are none of a day that no month in turn has.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.clocks import moment_of, shown_at
from tests.oracle.repeating import follow

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY")
Parts = dict[str, str]
_kinds = {
    "DAILY": st.sampled_from(["", "", "weekdays", "days"]),
    "WEEKLY": st.sampled_from(["", "weekdays", "weekdays of a week", "weekdays of a week"]),
    "MONTHLY": st.sampled_from(["", "days", "nth", "nth", "weekdays"]),
    "YEARLY": st.sampled_from(["", "days", "nth of a month", "nth of the year", "days of a month"]),
}
"""How rules name their days."""


@dataclass(frozen=True)
class Course:
    """When a series begins, in Unix seconds, and how it goes on: `recurrence` of a scenario."""

    start: int
    recurrence: str | list[str]


@st.composite
def courses(draw: st.DrawFn, zone: str, landing: datetime, all_day: bool) -> Course:
    """Series of which most take place when the zone's clock shows `landing`."""
    frequency = draw(st.sampled_from(FREQUENCIES))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.sampled_from([1, 2, 2, 3])))}
    parts |= draw(_days(frequency, landing))
    back = draw(st.sampled_from([0, 1, 1, 2, 3, 5] if frequency == "YEARLY" else [0, 1, 1, 2, 3, 5, 17]))
    start = _earlier(landing, frequency, int(parts["INTERVAL"]) * back)
    if len(parts) > 2:  # on another day of the week, month or year; not always one of the rule's own
        start += timedelta(days=draw(st.integers(-6, 6)))
    if draw(st.integers(0, 3)):
        start = _first(parts, start)
    began = moment_of(zone, start)
    if not all_day:
        began = int(start.replace(tzinfo=ZoneInfo(zone), fold=draw(st.integers(0, 1))).timestamp())
        start = shown_at(zone, began)  # which differs in a skipped hour
    own = _first(parts, start) == start
    parts |= draw(_endings(parts, zone, start, landing, own, all_day))
    lines = ["RRULE:" + _text(parts)]
    for kind, shifts in (("EXDATE", _exceptions), ("RDATE", _added_days if all_day else _additions)):
        times = [landing + timedelta(minutes=each) for each in draw(shifts)]
        if times:
            lines.append(f"{kind}:" + ",".join(draw(_texts(zone, at, all_day)) for at in times))
    if len(lines) > 1 or draw(st.booleans()):
        return Course(began, list(reversed(lines)) if draw(st.booleans()) else lines)
    return Course(began, lines[0] if draw(st.booleans()) else _text(parts))


@st.composite
def _days(draw: st.DrawFn, frequency: str, landing: datetime) -> Parts:
    """Which days of its day, week, month or year a rule names, that of the landing most likely among them."""
    kind = draw(_kinds[frequency])
    weekday, last = landing.weekday(), monthrange(landing.year, landing.month)[1]
    if kind.startswith("weekdays"):
        among = draw(_sets_of_weekdays) | 1 << weekday
        parts = {"BYDAY": ",".join(name for place, name in enumerate(WEEKDAYS) if among >> place & 1)}
        return parts | ({"WKST": draw(_weekdays)} if kind.endswith("of a week") else {})
    if kind == "nth of the year":
        return {"BYDAY": f"{(landing.timetuple().tm_yday - 1) // 7 + 1}{WEEKDAYS[weekday]}"}
    parts = {}
    if kind.endswith("of a month"):
        own = {landing.month} if not 4 <= landing.day <= 28 or draw(st.booleans()) else set()
        parts["BYMONTH"] = ",".join(map(str, sorted({draw(_months), *own})))
    if kind.startswith("nth"):
        nth = draw(st.sampled_from([(landing.day - 1) // 7 + 1, -((last - landing.day) // 7) - 1]))
        parts["BYDAY"] = f"{nth}{WEEKDAYS[weekday]}{draw(_other_places)}"
    elif kind.startswith("days") and not (parts and landing.day > 28):
        number = draw(st.sampled_from([landing.day, landing.day - last - 1]))
        parts["BYMONTHDAY"] = f"{number}{draw(_other_numbers)}"
    return parts


@st.composite
def _endings(
    draw: st.DrawFn, parts: Parts, zone: str, start: datetime, landing: datetime, own: bool, all_day: bool
) -> Parts:
    """COUNT or UNTIL about the landing. COUNT is undefined unless the start is the rule's own."""
    ending = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ending == "COUNT" and own:
        so_far = len(follow(_text(parts), start, start, max(start, landing)))
        return {"COUNT": str(max(1, so_far + draw(st.sampled_from([-1, -1, 0, 0, 1, 4]))))}
    if ending == "UNTIL":
        seconds = draw(st.sampled_from([-86_400, -1, 0, 0, 1, 1800, 86_400]))
        return {"UNTIL": draw(_texts(zone, landing + timedelta(seconds=seconds), all_day))}
    return {}


@st.composite
def _texts(draw: st.DrawFn, zone: str, at: datetime, all_day: bool) -> str:
    """A time of the clock as iCalendar writes it: a date, the clock's own time, or UTC."""
    form = "%Y%m%d" if all_day else draw(st.sampled_from(["%Y%m%d", "%Y%m%dT%H%M%S", "Z", "Z"]))
    if form != "Z":
        return at.strftime(form)
    moment = int(at.replace(tzinfo=ZoneInfo(zone), fold=draw(st.integers(0, 1))).timestamp())
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


def _earlier(landing: datetime, frequency: str, periods: int) -> datetime:
    """So many days, weeks, months or years before, on the last day of a month that is too short."""
    if frequency in ("DAILY", "WEEKLY"):
        return landing - timedelta(days=periods * (7 if frequency == "WEEKLY" else 1))
    months = landing.year * 12 + landing.month - 1 - periods * (12 if frequency == "YEARLY" else 1)
    year, month = months // 12, months % 12 + 1
    return landing.replace(year=year, month=month, day=min(landing.day, monthrange(year, month)[1]))


def _first(parts: Parts, start: datetime) -> datetime:
    """The first time of a rule that begins to count at `start`."""
    return follow(_text(parts | {"COUNT": "1"}), start, start, start.replace(year=9999, day=1))[0]


def _text(parts: Parts) -> str:
    return ";".join(f"{key}={value}" for key, value in parts.items())


_sets_of_weekdays = st.sampled_from([0, 0, 1, 2, 4, 16, 33, 64, 80, 96])
_weekdays = st.sampled_from(WEEKDAYS)
_months = st.integers(1, 12)
_other_places = st.sampled_from(["", "", ",2MO", ",-1FR,1SU"])
_other_numbers = st.sampled_from(["", "", ",1", ",15,-1", ",-3,2,28"])
_additions: st.SearchStrategy[list[int]] = st.just([]) | st.lists(st.integers(-1800, 1800), max_size=2)
_added_days = st.sampled_from([[], [], [0], [1440], [-1440, 2880]])
_exceptions = st.sampled_from([[], [], [0], [0], [1440], [-1440, 60], [7 * 1440, 0]])
"""Minutes from the landing to dates that are excepted or added."""
