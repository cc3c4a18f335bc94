"""A stateful test double for the Nylas Scheduler Bookings API. Unofficial."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("nylas-bookings-double")
except PackageNotFoundError:  # run from a tree that was never installed
    __version__ = "0+unknown"
