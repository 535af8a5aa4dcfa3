"""Remarks in blocks of commands: the lines that explain, and that nobody types.

Code is never translated. A line that the harness itself takes for a comment is, on the page only:
the doctree keeps it in its own language, and the plan is made from that.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from runbook.console import CONSOLE, SCRIPT, has_prompt
from runbook.console.actions import is_transcript
from runbook.console.layout import Role, layout
from runbook.console.transcript import prompt
from runbook.sphinx.translation.originals import catalogue_paths

_REMARKS: Final = "runbook_remarks"
"""The attribute of a block with its translated lines, by their numbers from zero."""

_EXTRACTING: Final = "runbook_collects_messages"

_HASH: Final = re.compile(r"\s*#+\s+(?=\S)")
_PROSE: Final = re.compile(r"[^\W\d_]{2}.*\s.*[^\W\d_]{2}")
"""What an explanation has at least: two words."""


def note_builder(app: Sphinx) -> None:
    """Note whether the messages of the guide are being collected."""
    setattr(app.env, _EXTRACTING, app.builder.name == "gettext")


def remarks(block: nodes.literal_block, config: Config) -> Iterator[tuple[int, str, str]]:
    """Yield the remarks of `block`: number of the line, what is before the remark, and the remark.

    Sphinx shows some blocks with prompts only in the language that is the default.
    """
    if block.get("linenos") or any(not isinstance(child, nodes.Text) for child in block.children):
        return
    text, default = block.astext(), config.highlight_language
    if "#" not in text:
        return
    language = str(block.get("language") or default)
    if language not in CONSOLE | SCRIPT:
        if language not in ("default", "none", default) or not has_prompt(text):
            return
        language = "console"
    lines = layout(text, language=language)
    typed = {segment.role for line in lines or () for segment in line}
    if lines is None or Role.COMMAND not in typed:
        return
    transcript = is_transcript(text, language)
    for number, line in enumerate(lines):
        if len(line) != 1 or line[0].role is not Role.COMMENT:
            continue
        shown = line[0].text
        found = prompt(shown) if transcript else None
        start = found.end if found else 0
        if (mark := _HASH.match(shown, start)) and _PROSE.search(shown, mark.end()):
            yield number, shown[: mark.end()], shown[mark.end() :]


class TranslateRemarks(SphinxTransform):
    """Note the translations of remarks on their blocks; for a catalogue, show the remarks as text.

    It comes when values have been substituted.
    """

    default_priority = 871

    def apply(self, **_: Any) -> None:
        """Note them, or show them."""
        extracting = getattr(self.env, _EXTRACTING, False)
        paths = [] if extracting else catalogue_paths(self.env, self.env.docname)
        if not extracting and not paths:
            return
        catalogues = []
        for path in paths:
            with path.open("rb") as file:
                catalogues.append(gettext.GNUTranslations(file))
        for block in list(self.document.findall(nodes.literal_block)):
            for number, before, remark in remarks(block, self.config):
                if extracting:
                    _show(block, number, remark)
                    continue
                shown = next((t for one in catalogues if (t := one.gettext(remark)) != remark), "")
                if shown:
                    translated: dict[int, str] = block.setdefault(_REMARKS, {})
                    translated[number] = before + " ".join(shown.split())


def _show(block: nodes.literal_block, number: int, remark: str) -> None:
    paragraph = nodes.paragraph(remark, remark)
    paragraph.source = block.get("runbook_source") or block.source
    paragraph.line = block.get("runbook_line", block.line or 1) + number
    # Inside other containers the text would be taken for a part of them.
    parent = block.parent
    at = parent.index(block) + 1
    while at < len(parent) and "runbook_remark" in getattr(parent[at], "attributes", ()):
        at += 1
    paragraph["runbook_remark"] = True
    parent.insert(at, paragraph)


class ShowRemarks(SphinxPostTransform):
    """Put the translated remarks into the blocks of a page that is about to be written."""

    default_priority = 2

    def run(self, **_: Any) -> None:
        """Replace the lines."""
        for block in self.document.findall(nodes.literal_block):
            if (shown := block.attributes.pop(_REMARKS, None)) is None:
                continue
            block.rawsource = _replaced(block.astext(), shown)
            block[:] = [nodes.Text(block.rawsource)]
            if exact := block.get("runbook_exact"):
                block["runbook_exact"] = _replaced(exact, shown)


def _replaced(text: str, shown: dict[int, str]) -> str:
    return "\n".join(shown.get(number, line) for number, line in enumerate(text.split("\n")))
