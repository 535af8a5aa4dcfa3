"""The directive `file`."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from runbook.sphinx.directives import options
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.translation.interface import _


class FileDirective(RunbookDirective):
    """`.. file:: /path`: a file on the host, or an edit of one."""

    directive_name = "file"
    required_arguments = 1
    option_spec: ClassVar[Any] = {
        "mode": options.mode,
        "owner": options.owner,
        "edit": options.one_of("whole", "lines", "keys"),
        "section": directives.unchanged_required,
        "until": options.later_steps,
    }

    def run(self) -> list[nodes.Node]:
        """Return the path, followed by the text."""
        path = self.arguments[0].strip()
        if not path.startswith(("/", "|")) or "\n" in path:
            raise self.error(f"{path!r} is not the absolute path of a file")
        if "section" in self.options and self.options.get("edit") != "keys":
            raise self.error("the option 'section' needs ':edit: keys'")
        node = self.container(**self.options)
        caption = nodes.paragraph(path, "", classes=["runbook-file-path"])
        caption += [nodes.strong("", _("File:")), nodes.Text(" "), nodes.literal(path, path)]
        self.set_source_info(caption)
        caption["translatable"] = False
        node += caption
        node += self.content_block("none")
        return [node]
