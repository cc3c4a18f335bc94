"""Which findings are none: requests that only the strict contract calls bad, and documented answers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import AuthScenario, IgnoredAuth, UseAfterFree

from schemathesis import Case, Response
from tests.schemathesis.bookable import operation_id
from tests.schemathesis.strict import METHODS

URN = "urn:contract"
PUBLIC: dict[str, list[str]] = {"PublicConfiguration": []}
"""The security requirement that a request without any secret fulfils."""


class Judge:
    """Holds what was really sent against the contract with everything it tolerates."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._registry = Registry().with_resource(URN, DRAFT202012.create_resource(document))
        self._operations = {
            item[method]["operationId"]: (path, item, item[method])
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        }
        self.excused: list[str] = []
        """What was found and is no failure, one line each."""

    def is_failure(self, failure: Failure, case: Case, response: Response) -> bool:
        """Whether a finding says something against the target."""
        reason = self._excuse(failure, case, response)
        if reason:
            self.excused.append(f"{type(failure).__name__} {case.operation.label}: {reason}")
        return reason is None

    def _excuse(self, failure: Failure, case: Case, response: Response) -> str | None:
        if isinstance(failure, AcceptedNegativeData) and self.is_tolerated(case, response):
            return "good by the contract with what it tolerates"
        if isinstance(failure, UseAfterFree) and _status(response) == "cancelled":
            return "a cancelled booking may be read"
        if isinstance(failure, IgnoredAuth):
            return self._excuse_auth(failure, case, response)
        return None

    def _excuse_auth(self, failure: IgnoredAuth, case: Case, response: Response) -> str | None:
        """A public configuration is a credential that is no secret, and the slug names it as well."""
        if PUBLIC not in self._operations[operation_id(case)][2]["security"]:
            return None
        if "slug=" in response.request.url:
            return "the slug names the public configuration"
        if failure.scenario == AuthScenario.GENERATED_AUTH and "configuration_id=" in response.request.url:
            return "a public configuration is enough, whatever else is presented"
        if not failure.title.startswith("API accepts"):
            return "refused, as an id that isn't one"
        return None

    def is_tolerated(self, case: Case, response: Response) -> bool:
        """Whether the request as it went over the wire obeys the whole contract."""
        path, item, operation = self._operations[operation_id(case)]
        url = urlsplit(response.request.url)
        sent = {"query": parse_qs(url.query, keep_blank_values=True), "path": _in_path(path, url.path)}
        for parameter in self._parameters(item, operation):
            values = sent[parameter["in"]].get(parameter["name"])
            if values is None:
                if parameter.get("required"):
                    return False
            elif not any(self._obeys(parameter["schema"], each) for each in _readings(values[0])):
                return False
        return self._body_obeys(operation, response.request.body)

    def _body_obeys(self, operation: Mapping[str, Any], body: str | bytes | None) -> bool:
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
        absolute = json.loads(json.dumps(schema).replace('"#/', f'"{URN}#/'))
        checker = FormatChecker(formats=("uuid", "email", "date"))
        return Draft202012Validator(absolute, registry=self._registry, format_checker=checker).is_valid(value)


def _status(response: Response) -> object:
    return (response.json().get("data") or {}).get("status")


def _in_path(template: str, path: str) -> dict[str, list[str]]:
    names = re.findall(r"{(\w+)}", template)
    pattern = re.sub(r"{\w+}", "([^/]*)", template)
    found = re.search(pattern + "$", path)
    return dict(zip(names, ([unquote(each)] for each in found.groups()), strict=True)) if found else {}


def _readings(text: str) -> Iterator[object]:
    """What a text in a URL can mean."""
    yield text
    if re.fullmatch(r"[0-9]+(\.0+)?", text):
        yield int(text.partition(".")[0])
