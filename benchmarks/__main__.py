"""`python -m benchmarks [--seconds 3] [--rounds 3] [--only SECTION …]`: prints tables in Markdown."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from timeit import repeat as timed

from benchmarks import in_process, scaling
from benchmarks.calls import MEASURED, NOW, SLOT, Calls
from benchmarks.load import Shot, request, shoot
from benchmarks.serving import WORLD
from tests.support.receiver import Receiver
from tests.support.server import ServerProcess

GRANIAN = ("granian", 64)
SETUPS = {
    "granian, 64 threads": GRANIAN,
    "granian, 8 threads": ("granian", 8),
    "waitress, 8 threads": ("waitress", 8),
}
BOOKINGS = 10_000


@contextmanager
def served(what: str, by: str, threads: int) -> Iterator[int]:
    command = (sys.executable, "-m", "benchmarks.serving", what, by, str(threads))
    with ServerProcess(command=command) as server:
        yield server.port


class Bench:
    """The sections, each of which prints a table."""

    def __init__(self, seconds: float, rounds: int) -> None:
        self.seconds = seconds
        self.rounds = rounds

    def calls(self) -> None:
        """Each call, as a multiple of the constant answer's latency."""
        _head("call", "connections", "req/s", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio")
        with served("constant", *GRANIAN) as constant, served("mock", *GRANIAN) as mock:
            calls = Calls(mock)
            for connections in (1, 16):
                rounds = []
                for _ in range(self.rounds):
                    shots = {
                        "constant answer": self._shoot(constant, repeat(request("GET", "/")), connections)
                    }
                    for name, make in MEASURED.items():
                        shots[name] = self._shoot(mock, make(calls), connections)
                    rounds.append(shots)
                for name in rounds[0]:
                    _print_row(name, connections, [(each[name], each["constant answer"]) for each in rounds])

    def servers(self) -> None:
        """The real application behind each server, as a multiple of the first one's rate."""
        _head("server", "call", "connections", "req/s ratio", "p50 ratio", "p99 ratio")
        found: dict[str, dict[tuple[str, int], list[Shot]]] = {}
        for _ in range(self.rounds):
            for setup, (by, threads) in SETUPS.items():
                with served("mock", by, threads) as port:
                    calls = Calls(port)
                    for name, make in MEASURED.items():
                        for connections in (1, 16):
                            shot = self._shoot(port, make(calls), connections)
                            found.setdefault(setup, {}).setdefault((name, connections), []).append(shot)
        yards = found[next(iter(SETUPS))]
        for setup, shots in found.items():
            for (name, connections), of in shots.items():
                yard = yards[name, connections]
                pairs = list(zip(of, yard, strict=True))
                rate = median(shot.rate / first.rate for shot, first in pairs)
                p50 = median(shot.p50 / first.p50 for shot, first in pairs)
                p99 = median(shot.p99 / first.p99 for shot, first in pairs)
                print(f"| {setup} | {name} | {connections} | {rate:.2f} | {p50:.2f} | {p99:.2f} |")

    def growth(self) -> None:
        """Latency with many bookings, as a multiple of that with none."""
        _head("call", "p50 ms, empty", f"p50 ms, {BOOKINGS} bookings", "ratio")
        calls = {**MEASURED, "GET availability, a day among them": Calls.days}
        with served("mock", *GRANIAN) as port:
            made = Calls(port)
            before = {name: self._shoot(port, make(made), 1).p50 for name, make in calls.items()}
            made.fill(BOOKINGS)
            for name, make in calls.items():
                after = self._shoot(port, make(made), 1).p50
                print(f"| {name} | {before[name]:.2f} | {after:.2f} | {after / before[name]:.2f} |")

    def start(self) -> None:
        """From the start of the process to the first 200, everything being compiled by an earlier start."""
        seconds = []
        with TemporaryDirectory() as compiled:
            env = {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
            for _ in range(2 * self.rounds + 2):
                with ServerProcess("--scenario", str(WORLD), env=env) as server:
                    shot = shoot(server.port, iter([request("GET", "/_mock/health")]), 1, 1.0, 1)
                    seconds.append(server.seconds_to_ready + shot.seconds)
        _head("start to first 200", "s")
        print(f"| median | {median(seconds[1:]):.2f} |")
        print(f"| worst | {max(seconds[1:]):.2f} |")

    def sandboxes(self) -> None:
        """What a new sandbox costs: by the first call to it, and made beforehand. The aim is under 5 ms."""
        with served("mock", *GRANIAN) as port:
            calls = Calls(port)
            shots = {
                "GET in a sandbox that is there": self._shoot(port, calls.empty_windows(), 1),
                "the same GET, which makes one": self._made(port, calls.new_sandboxes("get")),
                "PUT, the server's scenario": self._made(port, calls.put_sandboxes("put")),
                "PUT, a scenario by name": self._made(port, calls.put_sandboxes("named", "one-on-one")),
                "PUT, a scenario in the body": self._made(
                    port, calls.put_sandboxes("brought", calls.world())
                ),
            }
        _head("call", "p50 ms", "p99 ms")
        for name, shot in shots.items():
            print(f"| {name} | {shot.p50:.2f} | {shot.p99:.2f} |")
        there, new = list(shots.values())[:2]
        print(f"\nA new sandbox costs {new.p50 - there.p50:.2f} ms.")

    def contract(self) -> None:
        """What it costs to hold a POST body to the contract, in process."""
        from mockserver.contract import load_contract

        contract = load_contract()
        guest = {"name": "Gina Guest", "email": "gina@example.com"}
        body = {
            "start_time": NOW,
            "end_time": NOW + SLOT,
            "guest": guest,
            "additional_fields": {"topic": "x"},
        }
        steps = {
            "request_violations": lambda: contract.request_violations("createBooking", body),
            "without_absent": lambda: contract.without_absent("createBooking", body),
        }
        _head("check of a POST body", "µs")
        for name, step in steps.items():
            print(f"| `{name}` | {min(timed(step, number=500, repeat=5)) / 500 * 1e6:.0f} |")

    def availability(self) -> None:
        """A month of availability in process: processor time as calendars and configurations grow."""
        first, *others = scaling.EVENTS
        _head("events are", "participants", f"ms, {first} events", *(f"{n} events, ratio" for n in others))
        for where, participants, costs in scaling.rows():
            ratios = " | ".join(f"{costs[n] / costs[first]:.1f}" for n in others)
            print(f"| {where} | {participants} | {costs[first]:.2f} | {ratios} |")

    def in_process(self) -> None:
        """The double in the test's process, in processor time: a fresh one, and a booking through the SDK."""
        _head("a fresh double", "ms")
        for world in in_process.WORLDS:
            print(f"| {Path(world).stem} | {in_process.fresh_ms(world):.2f} |")
        print()
        _head("a booking through the SDK", "ms", "stub, ms", "ratio")
        double, stub, ratio = in_process.booking_ms(self.rounds)
        print(f"| in process | {double:.2f} | {stub:.2f} | {ratio:.2f} |")

    def receivers(self) -> None:
        """POST while one receiver hangs and one fails, beside POST with receivers that answer."""
        _head("receivers", "p50 ms", "p99 ms", "p99 ratio")
        rounds: list[dict[str, Shot]] = []
        with served("mock", *GRANIAN) as good, served("mock", *GRANIAN) as bad, ExitStack() as stack:
            for port, manners in ((good, ("answer", "answer")), (bad, ("hang", "fail"))):
                for manner in manners:
                    receiver = stack.enter_context(Receiver())
                    Calls(port).subscribe(receiver.url)
                    receiver.manner = "hang" if manner == "hang" else "answer"
                    receiver.status = 503 if manner == "fail" else 200
            made = {"answer": Calls(good), "one hangs, one fails": Calls(bad)}
            for _ in range(2 * self.rounds + 1):
                shots = {name: self._shoot(calls.port, calls.bookings(), 1) for name, calls in made.items()}
                rounds.append(shots)
        for name in rounds[0]:
            p50, p99 = (median(getattr(each[name], what) for each in rounds) for what in ("p50", "p99"))
            ratio = median(each[name].p99 / each["answer"].p99 for each in rounds)
            print(f"| {name} | {p50:.2f} | {p99:.2f} | {ratio:.2f} |")

    def _made(self, port: int, requests: Iterator[bytes]) -> Shot:
        shot = shoot(port, requests, 1, 60.0, 1000)
        if shot.statuses != {200}:
            raise RuntimeError(f"statuses {shot.statuses}")
        return shot

    def _shoot(self, port: int, requests: Iterator[bytes], connections: int) -> Shot:
        shoot(port, requests, connections, 0.3)  # warm
        shot = shoot(port, requests, connections, self.seconds)
        if shot.statuses != {200}:
            raise RuntimeError(f"statuses {shot.statuses}")
        return shot


def _head(first: str, *others: str) -> None:
    print(f"| {' | '.join((first, *others))} |\n|---|{'--:|' * len(others)}")


def _print_row(name: str, connections: int, pairs: list[tuple[Shot, Shot]]) -> None:
    rate = median(shot.rate for shot, _ in pairs)
    p50, p99 = median(shot.p50 for shot, _ in pairs), median(shot.p99 for shot, _ in pairs)
    ratios = [
        median(shot.p50 / yard.p50 for shot, yard in pairs),
        median(shot.p99 / yard.p99 for shot, yard in pairs),
    ]
    figures = f"{rate:.0f} | {p50:.2f} | {p99:.2f} | {ratios[0]:.1f} | {ratios[1]:.1f}"
    print(f"| {name} | {connections} | {figures} |")


SECTIONS = (
    "calls",
    "servers",
    "growth",
    "start",
    "sandboxes",
    "contract",
    "availability",
    "in_process",
    "receivers",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the mock's speed.")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each measurement takes")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the tables hold medians")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    bench = Bench(options.seconds, options.rounds)
    for section in options.only:
        print(f"\n### {section}\n\n{getattr(Bench, section).__doc__}\n", flush=True)
        getattr(bench, section)()


if __name__ == "__main__":
    main()
