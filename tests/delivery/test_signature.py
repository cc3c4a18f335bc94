"""The published signature vector, and two of ours that were computed from the documented rule elsewhere."""

import base64
import gzip

import pytest

from mockserver.delivery import sign

GRANT_DELETED = (
    b'{"specversion":"1.0","type":"grant.deleted","source":"/nylas/system","id":"Kkx2QQB7TWjWM3KXRQQn562394",'
    b'"time":1717162394,"webhook_delivery_attempt":1,"data":{"application_id":'
    b'"a7966b5a-9bc2-44b7-9895-4e2b281ce6be","object":{"code":25013,"grant_id":'
    b'"4c22c3c5-d163-48b6-ad95-45fedc879683","integration_id":"b7dd6e6e-af6a-463b-92fa-be35c2683f5c",'
    b'"metric":1934,"provider":"google"}}}'
)

BOOKING_CREATED = (
    '{"specversion":"1.0","type":"booking.created","source":"/nylas/passthru",'
    '"id":"Kkx2QQB7TWjWM3KXRQQn562395","time":1725895310,"webhook_delivery_attempt":1,"data":{'
    '"application_id":"a7966b5a-9bc2-44b7-9895-4e2b281ce6be",'
    '"grant_id":"4c22c3c5-d163-48b6-ad95-45fedc879683","object":{'
    '"booking_id":"5c8f0a2e-4b7d-4e1a-9c3f-7d2b6a1e0f94",'
    '"booking_ref":"Dzx7Gp4tSluMbx1-mis8TVyPCi5LfU4anD99K2oeD5T7OAssC6T-q1yz",'
    '"configuration_id":"0f3c7b1a-9e2d-4a5b-8c6f-1d7e9a2b3c4d","object":"booking","booking_info":{'
    '"event_id":"7p3k9m2qv1abcdefghijk","start_time":1791997200,"end_time":1791999000,'
    '"participants":[{"email":"leyah@example.com","name":"Léyah"}],"additional_fields":null,'
    '"title":"Ünïcode ✓","duration":30}}}}'
).encode()

COMPRESSED = base64.b64decode(
    "H4sIAAAAAAAC/1VSzW4TMRB+FeRznK69v84JaCQOaQWBQJEQisb2OHGyf911StKqT8G1L8CJh8ib8CTM0kYKe/PMfH8z+8D6"
    "Fs0ddr1vajZhYhyxEQuHFumhm2br69XYdAgBLTX6ZteZoXVRH0roL1ro+7DudtTylsqz7V7O52/zxc3m5jqeff04n9dpJmOV"
    "Dqy+IqjIZVqoNBbRiP1AvSaNpcXSk4fDEkLAqg00NWIWArDJA4O2Lb2BQAaX/0QgV1mmU+BKG8mTROdcESNPUGpZCIOZRpJb"
    "dVCHZ0RipDSxSbkVWcyTQmcc7IBIHVpTEF8RE6LRGzRh0HxJ/oxOTeEikMhJyZKKIGUTO55bqTMQGDmVEPqE6dARaHq/z9+1"
    "SfhU7q71XvDK98Xiy+HDpU+v3OcE6qlSM9ngNF3k79/0/WW24LficE9EpqmdX+26s8iRi02uB2GUZAFSzQuTOS5sjgqkjk1i"
    "zwKcvJy58rVrhmR4h6et5G28VZW8vROgjUW3WvvNdjhygC4sT9dSQqlcRnQtrO1/VRUN1ZaGvfEtLbtnk2+kUIEvib7EA6xf"
    "4x6qtsSxaSqirmGAs6vjL+qxx+8jBtb6ISeUS+extMRR78py+FtCOcwen+rjb9NYfPXn6SdR2JfFsEkcPdL3F8BzbbLCAgAA"
)


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        pytest.param(
            "UfZWFrkjsbg5bxLbax-y",
            GRANT_DELETED,
            "a4534f7e68dcd54f0621f7539ddd5a0d14a9a46ace9b68a4cfd9c99b4b6b89cc",
            id="published",
        ),
        pytest.param(
            "41dD3-nXTUfebYuk81Gr",
            BOOKING_CREATED,
            "c95163de3b3a57b6b890dba7805e87ef859d98fac92a9a675fe9cafcbaf889e2",
            id="not ASCII",
        ),
        pytest.param(
            "41dD3-nXTUfebYuk81Gr",
            COMPRESSED,
            "3f43fbe2622a671185d88fbe3541a28d5684e6cfdb0bf2de2b63ad8c17549f97",
            id="compressed",
        ),
    ],
)
def test_signature_of_the_bytes_sent(secret: str, body: bytes, signature: str) -> None:
    assert sign(secret, body) == signature


def test_compressed_vector_holds_the_plain_one() -> None:
    assert gzip.decompress(COMPRESSED) == BOOKING_CREATED
