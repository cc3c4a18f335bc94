"""Commands that ask a running server, over its control plane."""

from mockserver.asking.explaining import explain
from mockserver.asking.listening import listen
from mockserver.asking.timing import clock, drain

__all__ = ["clock", "drain", "explain", "listen"]
