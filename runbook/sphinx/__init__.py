"""The Sphinx extension: directives for steps, values of the cluster, and the plan's checks."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from runbook import __version__
from runbook.sphinx import answers, directives, document, lines, literal, page, proof, values
from runbook.sphinx.builder import RunbookBuilder
from runbook.sphinx.validate import tell

ENV_VERSION = 8
"""Number of what doctrees and the environment hold for us; guides are read anew when it changes."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything that a guide may use."""
    app.add_config_value("runbook_values", {}, "env", types=(dict,))
    app.add_config_value("runbook_exclude", [], "env", types=(list, tuple))
    for directive in (
        directives.Step,
        directives.Check,
        directives.File,
        directives.Manual,
        directives.Platform,
        directives.Choice,
        answers.Answers,
    ):
        app.add_directive(directive.noun, directive)
    app.add_role("secret", answers.secret_role)
    for name in ("code-block", "sourcecode"):
        app.add_directive(name, literal.LocatedCodeBlock, override=True)
    app.add_directive("code", literal.LocatedCode, override=True)
    app.add_directive("literalinclude", literal.LocatedInclude, override=True)
    app.add_directive("parsed-literal", literal.ExactParsedLiteral, override=True)
    for transform in (
        lines.PlainBlocks,
        values.ValueSubstitutions,
        values.BlockSubstitutions,
        values.Wording,
        values.Messages,
    ):
        app.add_transform(transform)
    app.add_builder(RunbookBuilder)
    app.connect("config-inited", values.load_cluster)
    # Late, so that other extensions have made of the document what they want.
    app.connect("doctree-read", document.keep, priority=900)
    app.connect("env-purge-doc", document.purge)
    app.connect("env-merge-info", document.merge)
    app.add_directive("proven", proof.Proven)
    app.add_node(proof.matrix)
    app.connect("doctree-resolved", proof.fill)
    app.connect("env-check-consistency", tell)
    page.setup(app)
    return {
        "version": __version__,
        "env_version": ENV_VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
