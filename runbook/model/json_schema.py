"""JSON Schema of the files that a guide has and that runs write, made from their typed classes."""

from __future__ import annotations

import enum
import inspect
import re
import types
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from runbook.model.actions import Action
from runbook.model.node import Node
from runbook.model.structure import Between, Form

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Final[dict[Any, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}


class SchemaMaker:
    """Makes the JSON Schema of files of one form, with a definition for each class.

    Files that are `written` by people are YAML: a text may look like a number there, and a mapping
    or a list without entries may be null. Others are JSON as `runbook.model.codec` writes it.
    """

    def __init__(self, *, written: bool) -> None:
        self.definitions: dict[str, Any] = {}
        self._written = written

    def schema(self, noun: type, title: str) -> dict[str, Any]:
        """Return the schema of a file that holds a `noun`."""
        found = self.of(noun)
        return {"$schema": DIALECT, "title": title, **found, "$defs": self.definitions}

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of values of type `kind`.

        Raises:
            TypeError: it is not one of the types that the model is made of.

        """
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._constrained(*arguments)
        if origin in (Union, types.UnionType):
            return self._any_of(kind, arguments)
        if origin in (tuple, frozenset):
            return self._or_null({"type": "array", "items": self.of(arguments[0])})
        if origin is dict:
            names = self.of(arguments[0])
            rule = {"propertyNames": {"pattern": names["pattern"]}} if "pattern" in names else {}
            entries = {"type": "object", "additionalProperties": self.of(arguments[1]), **rule}
            return self._or_null(entries)
        if origin is Literal:
            return {"enum": list(arguments)}
        if kind is str and self._written:
            return {"type": ["string", "number", "boolean"]}
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if kind is Any or kind is Node:
            return {}
        if kind is IPv4Address or kind is IPv4Network:
            return {"type": "string"}
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return {"enum": [one.value for one in kind]}
        if attrs.has(kind):
            return self.noun(kind)
        raise TypeError(f"there is no schema of {kind!r}")

    def noun(self, noun: Any, tag: str = "", **more: Any) -> dict[str, Any]:
        """Return a reference to the definition of a class, under its name or as the action `tag`.

        `more` is added to the definition.
        """
        name = f"{noun.__name__}-action" if tag else noun.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = {**self._definition(noun, tag), **more}
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, noun: Any, tag: str) -> dict[str, Any]:
        hints = get_type_hints(noun, include_extras=True)
        fields = attrs.fields(noun)
        properties = {one.name: self.of(hints[one.name]) for one in fields if one.init}
        required = [one.name for one in fields if one.default is attrs.NOTHING]
        if "schema" in properties:
            properties["schema"] = {"const": attrs.fields_dict(noun)["schema"].default}
            required.append("schema")
        if tag:
            properties["kind"] = {"const": tag}
            required.append("kind")
        return {
            "description": inspect.getdoc(noun) or "",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _any_of(self, kind: Any, arguments: Iterable[Any]) -> dict[str, Any]:
        if kind == Action:
            return {"oneOf": [self.noun(one, one.__name__.lower()) for one in arguments]}
        kinds = [one for one in arguments if one is not type(None)]
        found = [self.of(one) for one in kinds]
        if type(None) in arguments and not self._written:
            found.append({"type": "null"})
        return found[0] if len(found) == 1 else {"anyOf": found}

    def _constrained(self, base: Any, *constraints: Any) -> dict[str, Any]:
        found = self.of(base)
        for one in constraints:
            if isinstance(one, Form):
                found = {**found, "pattern": f"^(?:{one.pattern})$", "description": one.what}
                if self._written:
                    # A pattern is for texts only, so what can be no such text is no value at all.
                    possible = {"string": "", "number": "10", "boolean": "true"}
                    found["type"] = [
                        name
                        for name, text in possible.items()
                        if not text or re.fullmatch(one.pattern, text)
                    ]
            elif isinstance(one, Between):
                found = {**found, "minimum": one.least, "maximum": one.most}
        return found

    def _or_null(self, found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "type": [found["type"], "null"]} if self._written else found
