"""Transforms that record docutils' messages, so that every build can report them."""

from __future__ import annotations

import re
from typing import Any, Final

from docutils import nodes
from docutils.utils import Reporter
from sphinx.transforms import SphinxTransform

from runbook.sphinx.directives import registry
from runbook.sphinx.source.lines import absolute

_NO_OPTIONS: Final = re.compile(r"'([\w:-]+)': Invalid options format")


class KeepMessageText(SphinxTransform):
    """Keep the text of docutils' messages as it is before smart quotes change it."""

    default_priority = 740

    def apply(self, **_: Any) -> None:
        """Record the first paragraph of each message on its node."""
        for message in self.document.findall(nodes.system_message):
            message["runbook_text"] = _text(message)


def _text(message: nodes.system_message) -> str:
    first = message.children[0].astext() if message.children else ""
    return str(message.get("runbook_text", first))


def _level(message: nodes.system_message) -> int:
    """Return the level of a message; MyST only warns when it ignores all options of a step."""
    found = _NO_OPTIONS.match(_text(message))
    ours = found is not None and registry.is_ours(found[1])
    return Reporter.ERROR_LEVEL if ours else int(message["level"])


class CollectMessages(SphinxTransform):
    """Record docutils' warnings and errors on the document.

    Sphinx reports them only when it reads a document, but a document with an error must fail
    every plan.
    """

    default_priority = 879

    def apply(self, **_: Any) -> None:
        """Record level, source, line and text of each message."""
        found = [
            [_level(m), absolute(m.get("source") or ""), m.get("line", 0), _text(m)]
            for m in self.document.findall(nodes.system_message)
            if m["level"] >= Reporter.WARNING_LEVEL
        ]
        if found:
            self.document["runbook_messages"] = found
