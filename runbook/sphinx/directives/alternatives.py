"""The directives `platform` and `choice`: content that is not for every reader."""

from __future__ import annotations

from docutils import nodes

from runbook.sphinx.directives import options
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.source.ids import slug
from runbook.sphinx.translation.interface import _


class PlatformDirective(RunbookDirective):
    """`.. platform:: el9 el8`: steps for these platforms only."""

    directive_name = "platform"
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the content below the names of the platforms."""
        self.assert_has_content()
        names = options.words(self.arguments[0])
        node = self.container(platforms=names)
        node["classes"] += [f"runbook-platform-{slug(name)}" for name in names]
        shown = ", ".join(names)
        node += nodes.paragraph(shown, shown, classes=["runbook-platform-name"])
        return [self.parse_content(node)]


class ChoiceDirective(RunbookDirective):
    """`.. choice:: engine=hosted`: steps for operators who chose this alternative."""

    directive_name = "choice"
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the content below the name of the alternative."""
        self.assert_has_content()
        try:
            chosen = options.alternative(self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from error
        node = self.container(choices=[chosen])
        name, _equals, value = chosen.partition("=")
        shown = _("If you chose %(name)s: %(value)s") % {"name": name, "value": value}
        node += nodes.paragraph(shown, shown, classes=["runbook-choice-name"])
        return [self.parse_content(node)]
