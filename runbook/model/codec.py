"""The model as JSON, and back: `loads(dumps(value), type(value)) == value`.

Fields that hold their default are left out, so that an artefact shows only what somebody
said, and diffs well. An action carries its noun under the key `kind`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, TypeVar, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union

from runbook.errors import RunbookError
from runbook.model import Action, Runbook, Step
from runbook.model.node import SCHEMA_KEY

T = TypeVar("T")


class CodecError(RunbookError):
    """A text is not the JSON of the noun that was asked for."""


_UNTOLD: Final = frozenset(
    {"location", "disconnects", "sources", "provides", "remarks", "cited", "unchecked"}
)
"""Fields that a digest leaves out: they follow from the rest, or change nothing of what is done."""


class SchemaError(CodecError):
    """A file was written by another version of the harness."""


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(omit_if_default=True, forbid_extra_keys=True)
    # Sets have no order of their own, and an artefact must diff well.
    converter.register_unstructure_hook_func(_is_set, sorted)
    # Before the nouns that hold actions: their hooks are made with what is known by then.
    configure_tagged_union(
        Action, converter, tag_name="kind", tag_generator=lambda noun: noun.__name__.lower()
    )
    # What is a file of its own names its schema, though that is a default.
    converter.register_unstructure_hook_factory(
        _has_schema,
        lambda noun: make_dict_unstructure_fn(
            noun, converter, _cattrs_omit_if_default=True, schema=override(omit_if_default=False)
        ),
    )
    return converter


def _has_schema(noun: Any) -> bool:
    return attrs.has(noun) and "schema" in attrs.fields_dict(noun)


def _is_set(noun: Any) -> bool:
    return get_origin(noun) is frozenset


_CONVERTER = _converter()


def unstructure(value: Any) -> Any:
    """Return `value`, a noun or several, as plain dicts, lists, strings and numbers."""
    return _CONVERTER.unstructure(value)


def structure(data: Any, noun: type[T]) -> T:
    """Return the `noun` that plain `data` describes.

    Raises:
        CodecError: the data is not of that form, or of another schema.

    """
    if _has_schema(noun):
        if isinstance(data, dict):
            data = {key: value for key, value in data.items() if key != SCHEMA_KEY}
        schema = data.get("schema") if isinstance(data, dict) else None
        known = attrs.fields_dict(noun)["schema"].default  # type: ignore[arg-type]
        if schema != known:
            raise SchemaError(
                f"this {noun.__name__.lower()} has schema {schema!r}, "
                f"but this version of the harness reads schema {known}"
            )
    try:
        return _CONVERTER.structure(data, noun)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error))
        raise CodecError(f"this is not a {noun.__name__.lower()}: {reasons}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CodecError(f"this is not a {noun.__name__.lower()}: {error!r}") from error


def dumps(value: Any, *, indent: int | None = 2, schema: str = "") -> str:
    """Return `value` as JSON text; with `indent=None` as one line.

    `schema` is the address of its JSON Schema, which the text names for editors.
    """
    named = {SCHEMA_KEY: schema, **unstructure(value)} if schema else unstructure(value)
    return json.dumps(named, indent=indent, ensure_ascii=False)


def loads(text: str, noun: type[T]) -> T:
    """Return the `noun` that JSON `text` describes.

    Raises:
        CodecError: the text is not JSON, not of that form, or of another schema.

    """
    return structure(parsed(text), noun)


def parsed(text: str | bytes) -> Any:
    """Return what JSON `text` says.

    Raises:
        CodecError: the text is not JSON, or nobody can read it.

    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise CodecError(f"this is not JSON: {error}") from error
    except RecursionError as error:
        raise CodecError("this JSON is nested too deeply") from error


def digest(value: Step | Runbook) -> str:
    """Return a short digest of what `value` says, whatever line of the guide it is at."""
    plain = unstructure(value)
    if isinstance(value, Step) and value.undo:
        # What an undo step depends on is decided when the guide is undone.
        plain.pop("needs", None)
    canonical = json.dumps(_without_locations(plain), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _without_locations(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            key: _without_locations(v)
            for key, v in data.items()
            # The prompt of a shell is a noun; that of a question is its text.
            if key not in _UNTOLD and not (key == "prompt" and isinstance(v, dict))
        }
    if isinstance(data, list | tuple):
        return [_without_locations(item) for item in data]
    return data
