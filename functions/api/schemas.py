"""JSON schemas of the models, shared as components: one schema per model, amounts as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from .routing import Route

_MODE: Literal["serialization"] = "serialization"
_REF = "#/components/schemas/{model}"
_BOUNDS = {"ge": "x-minimum", "gt": "x-above", "le": "x-maximum", "lt": "x-below"}
_REFERENCE = re.compile(r"#/components/schemas/(\w+)")
_GENERIC = re.compile(r"^(\w+?)_(\w+?)_$")
Schemas = dict[str, Any]


class _Schema(GenerateJsonSchema):
    """Amounts are text, never binary floats; reading and writing show a model the same way."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        return {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1234.50"]}

    def ser_schema(self, schema: Any) -> JsonSchemaValue | None:
        # An amount is also written as text by a serializer, whose own schema would say less.
        return None if schema["type"] == "function-plain" else super().ser_schema(schema)


class Components:
    """The schemas that the routes name, found once."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        requests: list[type[BaseModel]] = [model for route in self._routes for model in (route.request, route.body)]
        answers = [model for route in self._routes for model in route.answers.values() if model]
        # As written, for requests too: inputs forgive spaces and case, the canonical form is what to send.
        wanted = dict.fromkeys((model, _MODE) for model in (*requests, *answers))
        places, definitions = models_json_schema(list(wanted), ref_template=_REF, schema_generator=_Schema)
        schemas = definitions.get("$defs", {})
        self._names = {model: ref["$ref"].rsplit("/", 1)[1] for (model, _), ref in places.items()}
        own = {self._names[model] for model in requests}
        self._requests = {name: schemas[name] for name in own}
        # A request is no component, unless another one holds it: an export holds the list that it is of.
        held = set(_REFERENCE.findall(json.dumps(schemas)))
        self.schemas: Schemas = {_readable(n): _plain(s) for n, s in schemas.items() if n not in own or n in held}

    def answer(self, model: type[BaseModel]) -> Schemas:
        """The reference to an answer's schema."""
        return {"$ref": _REF.format(model=_readable(self._names[model]))}

    def fields(self, route: Route) -> Schemas:
        """The schema of a request, whole."""
        found: Schemas = _plain(self._requests[self._names[route.request]])
        return found

    def body(self, route: Route) -> Schemas | None:
        """The reference to the schema of the body, which is what the path does not say; None without fields."""
        whole: Schemas = _plain(self._requests[self._names[route.body]])
        properties = {name: value for name, value in whole.get("properties", {}).items() if name in route.sent}
        if not properties:
            return None
        required = [name for name in whole.get("required", []) if name in properties]
        schema = {"type": "object", "additionalProperties": False, "properties": properties}
        schema |= {"required": required} if required else {}
        self.schemas[route.operation] = self._patch(schema) if route.merges else schema
        return {"$ref": _REF.format(model=route.operation)}

    def _patch(self, schema: Schemas) -> Schemas:
        """The schema of a merge patch: nothing is required, within objects neither; null empties."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            if "properties" not in self.schemas[name]:
                return schema
            patch = f"{name}Patch"
            if patch not in self.schemas:
                self.schemas[patch] = {}
                self.schemas[patch] |= self._patch(self.schemas[name])
            return {"$ref": _REF.format(model=patch)}
        if "anyOf" in schema:
            return _without_default(schema) | {"anyOf": [self._patch(part) for part in schema["anyOf"]]}
        if "properties" not in schema:
            return _without_default(schema)
        required = schema.get("required", ())
        properties = {
            name: self._patch(value) if name in required else _nullable(self._patch(value))
            for name, value in schema["properties"].items()
        }
        return {name: value for name, value in schema.items() if name != "required"} | {"properties": properties}


def _without_default(schema: Schemas) -> Schemas:
    return {name: value for name, value in schema.items() if name != "default"}


def _nullable(schema: Schemas) -> Schemas:
    parts = schema.get("anyOf", [schema])
    return schema if {"type": "null"} in parts else {"anyOf": [*parts, {"type": "null"}]}


def _readable(name: str) -> str:
    """`Listing_OrderSummary_` → `OrderSummaryListing`."""
    return _GENERIC.sub(r"\2\1", name)


def _plain(value: Any) -> Any:
    """The schema without generated titles, its references following the readable names."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {}
    for name, item in value.items():
        if name == "title" and isinstance(item, str):
            continue
        if name == "$ref" and isinstance(item, str):
            item = _REF.format(model=_readable(item.rsplit("/", 1)[1]))
        # A bound of a decimal is no JSON Schema keyword, since decimals are text.
        plain[_BOUNDS.get(name, name)] = _plain(item)
    return plain
