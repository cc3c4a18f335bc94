"""The commands, by what they are for."""

from conformance.commands.catalogue import explain, list_clauses
from conformance.commands.cleaning import cleanup
from conformance.commands.comparing import diff
from conformance.commands.running import run
from conformance.commands.schema import schema

__all__ = ["cleanup", "diff", "explain", "list_clauses", "run", "schema"]
