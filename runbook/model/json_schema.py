"""JSON Schema of the files that a guide has and that runs write, made from their typed classes.

Every file may name its schema under the key `$schema`, which its reader passes over.
"""

from __future__ import annotations

import enum
import inspect
import re
import types
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from runbook.model.actions import Action
from runbook.model.node import SCHEMA_KEY, Node
from runbook.model.structure import Between, Form

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NO_KEYS: Final[Mapping[str, Any]] = types.MappingProxyType({})
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
        properties = self.definitions[noun.__name__]["properties"]
        properties[SCHEMA_KEY] = {"type": "string", "description": "The address of this schema."}
        return {"$schema": DIALECT, "title": title, **found, "$defs": self.definitions}

    def lines(self, kinds: Mapping[str, tuple[type, bool]], title: str) -> dict[str, Any]:
        """Return the schema of one line of a file of records.

        The key `record` has one of the `kinds`: the noun that the line holds, and whether it has
        the id of its `run` as well.
        """
        run = {"run": {"type": "string", "description": "The id of the run that it is part of."}}
        found = [
            self.noun(noun, f"{kind}-record", {"record": {"const": kind}} | (run if of_run else {}))
            for kind, (noun, of_run) in kinds.items()
        ]
        return {"$schema": DIALECT, "title": title, "oneOf": found, "$defs": self.definitions}

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
        if origin is tuple and arguments[-1] is not ...:
            # All of ours are of one type.
            length = {"minItems": len(arguments), "maxItems": len(arguments)}
            return {"type": "array", "items": self.of(arguments[0]), **length}
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

    def noun(
        self, noun: Any, name: str = "", keys: Mapping[str, Any] = _NO_KEYS, **more: Any
    ) -> dict[str, Any]:
        """Return a reference to the definition of a class, under its own name or as `name`.

        `keys` are the schemas of keys that it must have beside its own. `more` is added to the
        definition.
        """
        name = name or noun.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = {**self._definition(noun, keys), **more}
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, noun: Any, keys: Mapping[str, Any]) -> dict[str, Any]:
        hints = get_type_hints(noun, include_extras=True)
        fields = attrs.fields(noun)
        properties = {one.name: self.of(hints[one.name]) for one in fields if one.init}
        required = [one.name for one in fields if one.default is attrs.NOTHING]
        if "schema" in properties:
            properties["schema"] = {"const": attrs.fields_dict(noun)["schema"].default}
            required.append("schema")
        return {
            "description": inspect.getdoc(noun) or "",
            "type": "object",
            "properties": {**keys, **properties},
            "required": [*keys, *required],
            "additionalProperties": False,
        }

    def _any_of(self, kind: Any, arguments: Iterable[Any]) -> dict[str, Any]:
        if kind == Action:
            return {"oneOf": [self._action(one) for one in arguments]}
        kinds = [one for one in arguments if one is not type(None)]
        found = [self.of(one) for one in kinds]
        if type(None) in arguments and not self._written:
            found.append({"type": "null"})
        return found[0] if len(found) == 1 else {"anyOf": found}

    def _action(self, noun: Any) -> dict[str, Any]:
        kind = {"kind": {"const": noun.__name__.lower()}}
        return self.noun(noun, f"{noun.__name__}-action", kind)

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
