"""Servers that are wrong about booking references."""

import uuid
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

from mockserver.domain import booking, links
from mockserver.domain.ids import Ids
from mockserver.domain.reference import salt_bytes
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import instead_of


@mutant("BK-REF-001", kinds=["domain"])
def the_ids_are_swapped() -> None:
    """A reference holds the booking's id before the configuration's."""

    def spoiled(configuration_id: str, booking_id: str, salt: str) -> str:
        ran()
        packed = uuid.UUID(booking_id).bytes + uuid.UUID(configuration_id).bytes
        return urlsafe_b64encode(packed + salt_bytes(salt)).decode().rstrip("=")

    links.encode_reference = spoiled


@mutant("BK-REF-001", kinds=["domain"])
def ids_as_microsoft_writes_them() -> None:
    """The ids in a reference have the byte order of GUIDs."""

    def spoiled(configuration_id: str, booking_id: str, salt: str) -> str:
        ran()
        packed = uuid.UUID(configuration_id).bytes_le + uuid.UUID(booking_id).bytes_le
        return urlsafe_b64encode(packed + salt_bytes(salt)).decode().rstrip("=")

    links.encode_reference = spoiled


@mutant("BK-REF-002", kinds=["domain"])
def moving_changes_the_salt() -> None:
    """A booking that is moved gets another salt."""

    @instead_of(booking, "_moved")
    def spoiled(moved: Any, tx: Any, *asked: Any) -> Any:
        ran()
        return replace(moved(tx, *asked), salt=tx.ids.salt())


@mutant("BK-REF-003", kinds=["domain"])
def one_salt_for_all() -> None:
    """All bookings have the same salt."""

    def spoiled(self: Ids) -> str:
        ran()
        return "-zgLLAuk_qtcsw"

    Ids.salt = spoiled  # type: ignore[method-assign]
