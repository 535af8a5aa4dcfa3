"""Permanent ids of documents and steps."""

from __future__ import annotations

import posixpath
import re


def slug(text: str) -> str:
    """Return `text` in lower case, with `-` for whatever is neither a letter nor a digit."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def document_id(docname: str, root: str) -> str:
    """Return the name of a document relative to the directory of the `root` document."""
    directory = posixpath.dirname(root)
    return docname.removeprefix(f"{directory}/") if directory else docname


def step_id(name: str, docname: str, root: str) -> str:
    """Return the id of the step `name` in a document; a name with a `/` is already an id."""
    return name if "/" in name else f"{document_id(docname, root)}/{name}"
