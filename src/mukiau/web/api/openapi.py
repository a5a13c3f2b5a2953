"""The OpenAPI document of the API, made from the addresses themselves and from what `described.py` says they take."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

from mukiau import __version__
from mukiau.web.address import base_url
from mukiau.web.api.described import BODIES, PARAMETERS, Field
from mukiau.web.api.door import SCOPE_RIGHTS, Caller, Scope, View, answers_of, right_of

ROOT = "/api/v1/"
_PART = re.compile(r"<(\w+):(\w+)>")
_REFUSED = {
    "400": "What was sent cannot be used; the message says why.",
    "401": "No token, or none that works.",
    "403": "The token's scope or its owner's role does not open this.",
    "404": "There is no such thing.",
    "409": "Refused as things stand: somebody changed it since, or its state does not allow it.",
    "429": "Too much at once.",
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}


def show(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return this document: every address of the API with what it takes and who may use it."""
    return document(base_url(request))


def document(server: str) -> dict[str, Any]:
    """Return the document for a mukiau at an address."""
    paths: dict[str, dict[str, Any]] = {}
    for route, name, answers in iter_addresses():
        path = paths.setdefault(ROOT + _readable(route), {})
        for method, (scope, view) in answers.items():
            path[method] = _operation(route, name, method, scope, view)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mukiau", "version": __version__, "description": "Errors, and what people do about them."},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _scopes()}},
        },
        "security": [{"token": []}],
    }


def iter_addresses() -> Iterator[tuple[str, str, dict[str, tuple[Scope, View]]]]:
    """Yield each address below `/api/v1/` with its name and what answers it, by method."""
    for pattern in _api().url_patterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name != "api-nothing":
            yield str(pattern.pattern), str(pattern.name), dict(answers_of(pattern.callback))


def _api() -> URLResolver:
    found = next(one for one in get_resolver().url_patterns if str(one.pattern) == ROOT.lstrip("/"))
    assert isinstance(found, URLResolver)
    return found


def _operation(route: str, name: str, method: str, scope: Scope, view: View) -> dict[str, Any]:
    right = right_of(view) or SCOPE_RIGHTS[scope]
    told: dict[str, Any] = {
        "operationId": f"{method}-{name.removeprefix('api-')}",
        "summary": _summary(view),
        "description": f"Scope `{scope}`" + (f", right `{right}` of the token's owner." if right else "."),
        "tags": [route.partition("/")[0]],
        "parameters": [*_path_parameters(route), *(_parameter(one) for one in _query(name, method))],
        "responses": _responses(method),
    }
    if method != "get":
        fields = BODIES.get((name, method), ())
        told["requestBody"] = {"required": any(one.is_needed for one in fields), "content": _json(_schema(fields))}
    return told


def _query(name: str, method: str) -> tuple[Field, ...]:
    return PARAMETERS.get(name, ()) if method == "get" else ()


def _summary(view: View) -> str:
    return " ".join((inspect.getdoc(view) or "").partition("\n\n")[0].split())


def _readable(route: str) -> str:
    """Return an address as the reference writes it: `issues/{issue}`."""
    return _PART.sub(lambda found: "{" + _part_name(found[2]) + "}", route)


def _part_name(name: str) -> str:
    return name.removesuffix("_id").removesuffix("_pk")


def _path_parameters(route: str) -> Iterator[dict[str, Any]]:
    for kind, name in _PART.findall(route):
        schema = {"type": "integer", "minimum": 0} if kind == "number" else {"type": "string"}
        yield {"name": _part_name(name), "in": "path", "required": True, "schema": schema}


def _parameter(field: Field) -> dict[str, Any]:
    required = {"required": True} if field.is_needed else {}
    return {"name": field.name, "in": "query", "description": field.says, "schema": field.schema, **required}


def _schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    properties = {one.name: {**one.schema, "description": one.says} for one in fields}
    needed = [one.name for one in fields if one.is_needed]
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def _responses(method: str) -> dict[str, Any]:
    refused = {"content": _json({"$ref": "#/components/schemas/Error"})}
    told: dict[str, Any] = {code: {"description": says, **refused} for code, says in _REFUSED.items()}
    done = "201" if method == "post" else "200"
    return {done: {"description": "Done.", "content": _json({"type": "object"})}, **told}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _scopes() -> str:
    return f"A token made on the page My account. Scopes: {', '.join(Scope)}."
