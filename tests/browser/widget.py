"""What a person does with the component, and sees of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.worlds import NOW

SLOT = "nylas-timeslot-picker button.time"
CARD = "nylas-organizer-confirmation-card button-component"
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

expect.set_options(timeout=20_000)  # on a busy machine the component takes its time


class Widget:
    """The component on a page. Its shadow roots are open, so that selectors reach into them."""

    def __init__(self, page: Page, host_url: str, api_url: str) -> None:
        self.page = page
        self._host_url = host_url
        self._api_url = api_url

    def mount(self, until: str = "availability", **properties: Any) -> None:
        """Open the page that embeds it, with these properties."""
        self.page.goto(self._host_url)
        self.page.wait_for_function("() => window.mount")
        with self._loaded(until):
            self.page.evaluate("given => mount(given)", {"schedulerApiUrl": self._api_url, **properties})

    def visit(self, url: str) -> None:
        """Open a page that mounts it by itself."""
        with self._loaded():
            self.page.goto(url)

    @contextmanager
    def _loaded(self, until: str = "availability") -> Iterator[None]:
        """Wait for the last answer that it needs, and until it has drawn: clicks before that are lost."""
        with self.page.expect_response(lambda answer: until in answer.url and answer.status != 204) as last:
            yield
        last.value.finished()
        self.page.evaluate(DRAWN)

    @property
    def slots(self) -> Locator:
        return self.page.locator(SLOT)

    def times(self) -> list[str]:
        """The slots on show, once there are some."""
        expect(self.slots.first).to_be_visible()
        return [text.strip() for text in self.slots.all_inner_texts()]

    def pick(self, time: str) -> None:
        """Choose a slot of the day on show, such as `10:00 AM`, and go on to the form."""
        self.slots.filter(has_text=time).first.click()
        self.next()

    def next(self) -> None:
        """Go on from the slots to the form."""
        self.page.locator("nylas-timeslot-picker button-component").first.click()
        expect(self.form).to_be_visible()

    def choose(self, field: str, option: str) -> None:
        """Open the list of an additional field and choose from it."""
        self.form.locator(f"#{field} .dropbtn").click()
        self.form.locator(f"#{field}").get_by_text(option, exact=True).first.click()

    @property
    def form(self) -> Locator:
        return self.page.locator("nylas-booking-form")

    @property
    def name(self) -> Locator:
        return self.form.locator("input-component#name input")

    @property
    def email(self) -> Locator:
        return self.form.locator("input-component#email input")

    def fill(self, name: str = "Gina Guest", email: str = "gina@example.com") -> None:
        self.name.fill(name)
        self.email.fill(email)

    def submit(self) -> None:
        self.form.locator(".cta button-component:not(.back)").click()

    def book(self, time: str = "10:00 AM") -> None:
        """The shortest way to a booking."""
        self.pick(time)
        self.fill()
        self.submit()

    def cancel(self, reason: str = "I am ill") -> None:
        """Give the reason and cancel."""
        self.page.locator("nylas-cancel-booking-form textarea").fill(reason)
        self.page.locator("nylas-cancel-booking-form button-component.cancel").click()

    def press(self, label: str) -> None:
        """Press a button by what it says."""
        self.page.locator("button-component").filter(has_text=label).first.click()

    def says(self, text: str) -> None:
        """Expect a text on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def errors(self) -> list[Any]:
        """What the component has reported to the page that embeds it."""
        return list(self.page.evaluate("() => window.errors"))


def set_clock(page: Page, at: int = NOW) -> None:
    """Make the browser's clock stand where the sandbox's does."""
    page.clock.set_fixed_time(at)
