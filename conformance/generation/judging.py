"""Which requests the contract forbids with everything it tolerates, as they went over the wire."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import available_timezones

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.generation.strict import without_our_limits
from conformance.resources import METHODS
from conformance.strangers.exchange import Exchange

URN = "urn:contract"
FORMATS = ("uuid", "email", "date")
WORDS = {"true": True, "false": False}


class Judge:
    """Holds requests against the whole contract."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Whoever takes more than limits of ours allow is not to be blamed for it."""
        document = without_our_limits(document)
        self._document = document
        self._registry = Registry().with_resource(URN, DRAFT202012.create_resource(document))
        self._validators: dict[str, Validator] = {}
        self._operations = {
            item[method]["operationId"]: (path, item, item[method])
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        }

    def is_tolerated(self, operation_id: str, sent: Exchange) -> bool:
        """Whether a request obeys the whole contract, with what it only tolerates."""
        path, item, operation = self._operations[operation_id]
        url = urlsplit(sent.url)
        values = {"query": parse_qs(url.query, keep_blank_values=True), "path": _in_path(path, url.path)}
        for parameter in self._parameters(item, operation):
            found = values[parameter["in"]].get(parameter["name"])
            if found is None:
                if parameter.get("required"):
                    return False
            elif not any(self._obeys(parameter["schema"], each) for each in _readings(found[0])):
                return False
        return self._body_obeys(operation, sent.body)

    def _body_obeys(self, operation: Mapping[str, Any], body: bytes) -> bool:
        declared = operation.get("requestBody")
        if declared is None:
            return True
        if not body:
            return not declared.get("required")
        try:
            value = json.loads(body)
        except ValueError:
            return False
        return self._obeys(declared["content"]["application/json"]["schema"], value)

    def _parameters(
        self, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        for each in (*item.get("parameters", ()), *operation.get("parameters", ())):
            name = each.get("$ref", "").rpartition("/")[2]
            yield self._document["components"]["parameters"][name] if name else each

    def _obeys(self, schema: Mapping[str, Any], value: object) -> bool:
        absolute = json.dumps(schema).replace('"#/', f'"{URN}#/')
        if absolute not in self._validators:
            self._validators[absolute] = Draft202012Validator(
                json.loads(absolute), registry=self._registry, format_checker=self._formats
            )
        return bool(self._validators[absolute].is_valid(value))  # type: ignore[arg-type]  # it is JSON

    @cached_property
    def _formats(self) -> FormatChecker:
        checker = FormatChecker(formats=FORMATS)
        zones = available_timezones()
        checker.checks("iana-timezone")(lambda value: not isinstance(value, str) or value in zones)
        return checker


def _in_path(template: str, path: str) -> dict[str, list[str]]:
    names = re.findall(r"{(\w+)}", template)
    pattern = re.sub(r"{\w+}", "([^/]*)", template)
    found = re.search(pattern + "$", path)
    return dict(zip(names, ([unquote(each)] for each in found.groups()), strict=True)) if found else {}


def _readings(text: str) -> Iterator[object]:
    """What a text in a URL can mean."""
    yield text
    if text in WORDS:
        yield WORDS[text]
    if re.fullmatch(r"[0-9]+(\.0+)?", text):
        yield int(text.partition(".")[0])
