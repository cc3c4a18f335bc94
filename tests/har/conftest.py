"""Chromium with the component, as in `tests.browser`, writing down what it sends."""

from tests.browser.conftest import browser, elements, host

__all__ = ["browser", "elements", "host"]
