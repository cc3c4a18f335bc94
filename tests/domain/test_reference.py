"""Booking references: the published layout, every encoding, and what is no reference."""

import uuid
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.reference import BookingReference, decode_reference

CONFIGURATION = "0f3c7b1a-9e2d-4a5b-8c6f-1d7e9a2b3c4d"
BOOKING = "5c8f0a2e-4b7d-4e1a-9c3f-7d2b6a1e0f94"


@pytest.mark.parametrize(
    ("configuration_id", "salt", "text"),
    [
        (CONFIGURATION, "-zgLLAuk_qtcsw", "Dzx7Gp4tSluMbx1-mis8TVyPCi5LfU4anD99K2oeD5T7OAssC6T-q1yz"),
        (CONFIGURATION, "-zgLLAuk_qtcsw", "Dzx7Gp4tSluMbx1+mis8TVyPCi5LfU4anD99K2oeD5T7OAssC6T+q1yz"),
        (CONFIGURATION, "-zgLLAuk_qtcsw", "Dzx7Gp4tSluMbx1%2Bmis8TVyPCi5LfU4anD99K2oeD5T7OAssC6T%2Bq1yz"),
        (
            "26e98405-3b48-47d2-898a-7254f1fad8d7",
            "-zgLLAuk_qtcsw",
            "JumEBTtIR9KJinJU8frY11yPCi5LfU4anD99K2oeD5T7OAssC6T-q1yz",
        ),
        (CONFIGURATION, "", "Dzx7Gp4tSluMbx1+mis8TVyPCi5LfU4anD99K2oeD5Q="),
        (CONFIGURATION, "", "Dzx7Gp4tSluMbx1-mis8TVyPCi5LfU4anD99K2oeD5Q"),
        (CONFIGURATION, "AAECAwQFBgc", "Dzx7Gp4tSluMbx1+mis8TVyPCi5LfU4anD99K2oeD5QAAQIDBAUGBw=="),
        (
            CONFIGURATION,
            "AAECAwQFBgcICQoLDA0ODw",
            "Dzx7Gp4tSluMbx1+mis8TVyPCi5LfU4anD99K2oeD5QAAQIDBAUGBwgJCgsMDQ4P",
        ),
    ],
)
def test_worked_examples_decode(configuration_id: str, salt: str, text: str) -> None:
    assert decode_reference(text) == BookingReference(configuration_id, BOOKING, salt)


def test_the_vector_checked_with_the_component_encodes() -> None:
    reference = BookingReference(
        "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-aaaaaaaaaaaa", "-zgLLAuk_qtcsw"
    )
    assert reference.encode() == "ERERESIiQzOERFVVVVVVVWZmZmZ3d0iImZmqqqqqqqr7OAssC6T-q1yz"


@given(st.uuids(), st.uuids(), st.binary(max_size=24), st.booleans())
def test_what_is_encoded_decodes_in_both_alphabets(
    configuration_id: uuid.UUID, booking_id: uuid.UUID, salt: bytes, standard: bool
) -> None:
    text = b64encode(salt).decode().rstrip("=").replace("+", "-").replace("/", "_")
    reference = BookingReference(str(configuration_id), str(booking_id), text)
    word = reference.encode()
    assert set("+/=").isdisjoint(word)
    if standard:
        word = word.replace("-", "+").replace("_", "/")
        word += "=" * (-len(word) % 4)
    assert decode_reference(word) == reference


@pytest.mark.parametrize("text", ["", "AAAA", "cfg_8a3d2b-bk_2f6c9a1b7d", "no base64 at all!", "Dzx7Gp4tSé"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|too short"):
        decode_reference(text)
