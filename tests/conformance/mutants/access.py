"""Servers that ask nobody for the API key."""

from typing import Any

from mockserver.api import calendars, configurations
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import instead_of


def _let_anybody_in(module: Any) -> None:
    @instead_of(module, "require_api_key")
    def spoiled(require: Any, tx: Any, credentials: Any) -> None:
        ran()


@mutant("BK-CONF-003", kinds=["auth"])
def configurations_for_everybody() -> None:
    """Configurations are made, read and deleted without the API key."""
    _let_anybody_in(configurations)


@mutant("BK-CAL-002", kinds=["auth"])
def calendars_for_everybody() -> None:
    """Calendars are read without the API key."""
    _let_anybody_in(calendars)
