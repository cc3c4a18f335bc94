"""The sandboxes of one server, by name."""

import re
import threading
import time
from collections.abc import Callable

from mockserver.domain.errors import refuse
from mockserver.sandbox.agenda import Timekeeper
from mockserver.sandbox.sandbox import Deliver, Post, Sandbox, Template, keep_only

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9-]{1,40}")
LIMIT = 10_000
IDLE_SECONDS = 3_600
FORGET_SECONDS = 60


class Sandboxes:
    """Makes a sandbox at its first use and forgets those made that way that nobody used for an hour."""

    def __init__(
        self,
        template: Template,
        base_url: Callable[[str], str],
        deliver: Deliver,
        limit: int = LIMIT,
        post: Post = keep_only,
    ) -> None:
        """`base_url` tells the public URL of a sandbox by its name."""
        self.template = template
        self.base_url = base_url
        self._deliver = deliver
        self._post = post
        self._limit = limit
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}
        self._made_on_the_fly: set[str] = set()
        self._by_name: dict[str, Sandbox] = {}
        self._forgot_at = time.monotonic()
        self._timekeeper = Timekeeper(self._wake)
        self.default = self._make(DEFAULT)

    def find(self, name: str) -> Sandbox | None:
        """The sandbox of that name, if there is one."""
        with self._lock:
            sandbox = self._by_name.get(name)
            if sandbox is not None:
                self._used[name] = time.monotonic()
            return sandbox

    def peek(self, name: str) -> Sandbox | None:
        """As `find`, without counting as a use: being looked at keeps no sandbox alive."""
        with self._lock:
            return self._by_name.get(name)

    def obtain(self, name: str, template: Template | None = None, keep: bool = False) -> Sandbox:
        """The sandbox of that name, made if need be; `keep` spares it from being forgotten.

        Raises Refusal `too_many_requests` when there are as many as there may be.
        """
        with self._lock:
            sandbox = self._by_name.get(name)
            if sandbox is None:
                self._forget_idle()
                if len(self._by_name) >= self._limit:
                    raise refuse("too_many_requests", f"sandboxes: expected at most {self._limit}")
                sandbox = self._make(name, template)
                self._made_on_the_fly.add(name)
            self._used[name] = time.monotonic()
            if keep:
                self._made_on_the_fly.discard(name)
            return sandbox

    def add(self, sandbox: Sandbox) -> None:
        """Take in a sandbox that was made elsewhere; it stays until it is removed."""
        with self._lock:
            self._by_name[sandbox.name] = sandbox

    def remove(self, name: str) -> bool:
        """Forget a sandbox; false if there was none. The default one stays."""
        with self._lock:
            sandbox = None if name == DEFAULT else self._by_name.pop(name, None)
            if sandbox is None:
                return False
            self._used.pop(name, None)
            self._made_on_the_fly.discard(name)
        sandbox.close()
        return True

    def names(self) -> list[str]:
        with self._lock:
            return list(self._by_name)

    def _make(self, name: str, template: Template | None = None) -> Sandbox:
        sandbox = Sandbox(
            name,
            template or self.template,
            self.base_url(name),
            self._deliver,
            self._timekeeper.look_at,
            self._post,
        )
        self._by_name[name] = sandbox
        return sandbox

    def stop(self) -> None:
        """Let no clock set off anything any more."""
        self._timekeeper.stop()

    def _wake(self, name: str) -> float | None:
        sandbox = self._by_name.get(name)  # without a use: being woken keeps no sandbox alive
        return None if sandbox is None else sandbox.run_due()

    def _forget_idle(self) -> None:
        """Forget whom nobody used for an hour; looked at once a minute, or when there is no more room."""
        now = time.monotonic()
        if now - self._forgot_at < FORGET_SECONDS and len(self._by_name) < self._limit:
            return
        self._forgot_at, oldest = now, now - IDLE_SECONDS
        for name in [name for name in self._made_on_the_fly if self._used[name] < oldest]:
            self._by_name.pop(name).close()
            self._made_on_the_fly.discard(name)
            self._used.pop(name, None)
