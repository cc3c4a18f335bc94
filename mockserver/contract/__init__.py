"""Applies `contracts/openapi.yaml`: what is wrong with a request, what is wrong with a response.

Violations name the field and what was expected of it, in the words of the documented form; what is merely
tolerated is accepted in silence. `Contract.without_absent` brings a tolerated body into the documented form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from mockserver.contract.schemas import Schemas
from mockserver.contract.validation import Validation
from mockserver.contract.words import echo
from mockserver.resources import data_path

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: the same, only ten times slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Contract", "Operation", "Violation", "load_contract"]

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Violation:
    """One thing wrong with a value: where ("" is the value itself), and what was expected there."""

    path: str
    expected: str


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    security: tuple[frozenset[str], ...]
    """The alternatives; each names the security schemes that it takes together."""
    scopes: Mapping[str, tuple[str, ...]]
    """By provider, the scopes of which any one is enough. Empty: none is needed."""
    body: str | None
    """The reference of the request body's schema."""
    body_required: bool
    responses: Mapping[int, str]
    """By status, the reference of the response body's schema."""


class Contract:
    """The contract, ready to be held against requests and responses. Threads may share it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._schemas = Schemas(document)
        self._validation = Validation(self._schemas)
        self._operations = {
            definition["operationId"]: self._read_operation(method, path, definition)
            for path, item in document["paths"].items()
            for method, definition in item.items()
            if method in METHODS
        }

    @property
    def operation_ids(self) -> tuple[str, ...]:
        """All operations, in the order of the document."""
        return tuple(self._operations)

    def operation(self, operation_id: str) -> Operation:
        """The operation with this id."""
        return self._operations[operation_id]

    def operation_at(self, method: str, path_template: str) -> Operation | None:
        """The operation at a path as the contract writes it (`/v3/webhooks/{webhook_id}`)."""
        wanted = (method.upper(), path_template)
        found = (each for each in self._operations.values() if (each.method, each.path) == wanted)
        return next(found, None)

    def request_violations(self, operation_id: str, body: object) -> list[Violation]:
        """What is wrong with a parsed request body, in the order of the contract. None: there is no body."""
        return self.read_request(operation_id, body)[0]

    def read_request(self, operation_id: str, body: object) -> tuple[list[Violation], object]:
        """What is wrong with a parsed request body, and the body as `without_absent` has it."""
        operation = self._operations[operation_id]
        if operation.body is None or (body is None and not operation.body_required):
            return [], body
        violations = self._violations(operation.body, body)
        if violations:
            return violations, body
        documented = self._schemas.documented(operation.body, body)
        # where one of several keys is required, dropping an absent one may leave none
        return [] if documented == body else self._violations(operation.body, documented), documented

    def schema_violations(self, schema_name: str, value: object) -> list[Violation]:
        """What is wrong with a value that should obey `components/schemas/<schema_name>`."""
        return self._violations(f"#/components/schemas/{schema_name}", value)

    def without_absent(self, operation_id: str, body: object) -> object:
        """A copy of a valid body in its documented form.

        Optional keys that are null or "" are dropped where the contract tolerates that, and digits and
        integral floats become integers where the contract has an integer.
        """
        reference = self._operations[operation_id].body
        return body if reference is None else self._schemas.documented(reference, body)

    def response_problems(
        self, operation_id: str, status: int, content_type: str, headers: Mapping[str, str], body: object
    ) -> list[str]:
        """Everything in which a response breaks the contract. The body is the parsed one."""
        reference = self._operations[operation_id].responses.get(status)
        if reference is None:
            return [f"status {status} isn't documented for {operation_id}"]
        problems = []
        if content_type != "application/json":
            problems.append(f"Content-Type: expected application/json, got {echo(content_type)}")
        problems += [f"{path or 'body'}: {words}" for path, words in self._validation.found(reference, body)]
        announced = next((value for name, value in headers.items() if name.lower() == "x-request-id"), None)
        request_id = body.get("request_id") if isinstance(body, dict) else None
        if announced is None:
            problems.append("X-Request-Id: missing")
        elif announced != request_id:
            problems.append(
                f"X-Request-Id: {echo(announced)}, but the body's request_id is {echo(request_id)}"
            )
        return problems

    def _violations(self, reference: str, value: object) -> list[Violation]:
        return [Violation(path, words) for path, words in self._validation.found(reference, value)]

    def _read_operation(self, method: str, path: str, definition: Mapping[str, Any]) -> Operation:
        request = definition.get("requestBody")
        return Operation(
            id=definition["operationId"],
            method=method.upper(),
            path=path,
            security=tuple(frozenset(alternative) for alternative in definition["security"]),
            scopes={provider: tuple(scopes) for provider, scopes in definition["x-scopes"].items()},
            body=_schema_reference(request) if request else None,
            body_required=bool(request and request.get("required")),
            responses={
                int(status): _schema_reference(self._schemas.resolve(response))
                for status, response in definition["responses"].items()
            },
        )


@lru_cache(maxsize=1)
def load_contract() -> Contract:
    """The project's contract. It is read once."""
    text = data_path("contracts/openapi.yaml").read_bytes()
    return Contract(yaml.load(text, Loader=Loader))


def _schema_reference(content: Mapping[str, Any]) -> str:
    """Every body in the contract is a reference to a component; a test holds it to that."""
    reference: str = content["content"]["application/json"]["schema"]["$ref"]
    return reference
