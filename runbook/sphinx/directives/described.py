"""What directives and their options are for, in the words of their docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from docutils.parsers.rst import directives


def first_sentence(thing: object) -> str:
    """Return the first sentence of a docstring."""
    docstring = inspect.getdoc(thing) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


def option_values(converter: Callable[..., Any] | None) -> tuple[str, ...]:
    """Return the values that an option can have, if they are few."""
    return tuple(getattr(converter, "values", ()))


def option_says(converter: Callable[..., Any] | None) -> str:
    """Return what the value of an option is."""
    if converter in (None, directives.flag):
        return "a flag"
    if values := option_values(converter):
        return "one of " + ", ".join(f"`{value}`" for value in values)
    ours = getattr(converter, "__module__", "").startswith("runbook")
    description = first_sentence(converter) if ours else "text"
    return description.removeprefix("Return ").rstrip(".")
