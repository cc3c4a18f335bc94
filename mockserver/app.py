"""The application put together: sandboxes, gateway, blueprints, couriers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask

from mockserver import api, control, pages
from mockserver.api.webhooks import ROOM
from mockserver.contract import load_contract
from mockserver.delivery import Courier, Postman
from mockserver.faulting import Cut, Faulting
from mockserver.gateway import PREFIX, Front, Gateway
from mockserver.sandbox import Clock, Delivery, Outbox, Sandboxes, Template
from mockserver.sandbox.registry import DEFAULT
from mockserver.sandbox.sandbox import keep_only
from mockserver.sandbox.waiting import WaitingRoom
from mockserver.scenario import load_scenario
from mockserver.settings import Settings

STOP_SECONDS = 3.0
"""How long a shutdown waits for deliveries that are on their way."""


class _Application(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Views and hooks as they are; Flask would look at each, for every request, whether it's async."""
        return func


@dataclass(frozen=True, slots=True)
class MockApp:
    """A running mock, whatever server it is put behind. `stopping` is set when it shuts down."""

    wsgi: WSGIApplication
    flask: Flask
    sandboxes: Sandboxes
    stopping: Event
    courier: Courier
    postman: Postman | None

    @property
    def scenario_name(self) -> str:
        return self.sandboxes.template.name

    def stop(self) -> None:
        """Let waiting requests go and end the delivery threads."""
        self.stopping.set()
        self.sandboxes.stop()
        self.courier.stop(STOP_SECONDS)
        if self.postman is not None:
            self.postman.stop(STOP_SECONDS)


def create_app(
    settings: Settings | None = None, port: int | None = None, template: Template | None = None
) -> MockApp:
    """The mock for these settings. `port` is where it really listens, for the links it hands out.

    `template` stands in for the settings' scenarios. Raises ScenarioError when one can't be loaded, and
    ValueError when `smtp` is no address or `web_elements` no folder with the web component.
    """
    settings = settings or Settings()
    load_contract()  # once and here, not by many first requests at the same time
    template = template or load_scenario(settings.scenarios, settings.seed)
    base = settings.base_url(port or settings.port)
    courier = Courier()

    def base_url(name: str) -> str:
        return base if name == DEFAULT else f"{base}{PREFIX}{name}"

    def deliver(outbox: Outbox, clock: Clock, deliveries: Sequence[Delivery]) -> None:
        courier.submit(outbox, clock, deliveries)

    postman = Postman(*settings.smtp_address) if settings.smtp_address else None
    sandboxes = Sandboxes(template, base_url, deliver, post=postman.submit if postman else keep_only)
    stopping = Event()
    app = _Application("mockserver", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    room = WaitingRoom(stopping)
    Gateway(app, sandboxes, settings)
    Faulting(app, room)
    app.extensions[ROOM] = room
    for blueprint in api.blueprints():
        app.register_blueprint(blueprint)
    app.register_blueprint(pages.blueprint(settings))
    if settings.control:
        app.register_blueprint(control.blueprint(sandboxes, settings, room))
    wsgi = Cut(Front(app.wsgi_app, settings.max_body), stopping)
    return MockApp(wsgi, app, sandboxes, stopping, courier, postman)
