"""References written out, so that validating looks nothing up."""

from mockserver.contract.schemas import Schemas

DOCUMENT = {
    "components": {
        "schemas": {
            "Name": {"type": "string", "description": "A name"},
            "Person": {
                "properties": {
                    "name": {"$ref": "#/components/schemas/Name", "description": "Hers", "x-tolerated": True},
                    "short": {"$ref": "#/components/schemas/Name", "maxLength": 3},
                    "default": {"$ref": "#/components/schemas/Name"},
                    "friends": {"items": {"$ref": "#/components/schemas/Person"}},
                },
                "default": {},
                "enum": [{"$ref": "as it stands"}],
            },
        }
    }
}


def test_what_is_referred_to_stands_in_the_place_of_the_reference() -> None:
    written = Schemas(DOCUMENT).written_out({"$ref": "#/components/schemas/Person"}, "urn:x")
    assert written["properties"]["name"] == {"type": "string", "x-tolerated": True}
    assert written["properties"]["default"] == {"type": "string"}, "a property, not the keyword"
    assert written["enum"] == [{"$ref": "as it stands"}], "data, not a schema"
    assert "default" not in written, "a remark"


def test_a_reference_stays_where_it_has_to() -> None:
    properties = Schemas(DOCUMENT).written_out({"$ref": "#/components/schemas/Person"}, "urn:x")["properties"]
    assert properties["friends"] == {"items": {"$ref": "urn:x#/components/schemas/Person"}}
    assert properties["short"] == {"$ref": "urn:x#/components/schemas/Name", "maxLength": 3}
