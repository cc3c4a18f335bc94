"""Commands that ask a running server, over its control plane."""

from mockserver.asking.explaining import explain
from mockserver.asking.exporting import export
from mockserver.asking.listening import listen
from mockserver.asking.timing import clock, drain

__all__ = ["clock", "drain", "explain", "export", "listen"]
