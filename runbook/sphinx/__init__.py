"""The Sphinx extension: directives, the plan made from them, and the pages for browsers.

Nothing here runs a step: no terminals, execution or labs.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from runbook import __version__
from runbook.sphinx import domain
from runbook.sphinx.code_version import code_version
from runbook.sphinx.collect import document
from runbook.sphinx.directives import prose_rules, registry, source_notes, values
from runbook.sphinx.directives.emphasis import Emphasis
from runbook.sphinx.directives.transcripts import RemoveHiddenBlocks
from runbook.sphinx.planning.application import PlanningApp
from runbook.sphinx.planning.builder import NoTableDirective, RunbookBuilder
from runbook.sphinx.planning.consistency import check_consistency
from runbook.sphinx.source import lines, messages, typed
from runbook.sphinx.translation import glossary, interface, originals, remarks


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("runbook_values", {}, "env", types=(dict,))
    app.add_config_value("runbook_hosts", [], "env", types=(list,))
    app.add_config_value("runbook_sources", "", "", types=(str,))
    app.add_config_value("runbook_terms", "", "", types=(str,))
    app.add_config_value(prose_rules.READ, (), "", types=(tuple,))
    app.add_config_value("runbook_template", {}, "", types=(dict,))
    app.add_config_value(source_notes.READ, (), "", types=(tuple,))
    app.add_config_value("runbook_unchecked", [], "", types=(list, tuple))
    app.add_config_value("runbook_exclude", [], "env", types=(list, tuple))
    app.add_config_value(registry.SHORT_NAMES, True, "env", types=(bool,))
    app.add_config_value(registry.OTHERS, [], "env", types=(list, tuple))
    app.add_config_value("runbook_languages", {}, "html", types=(dict,))
    app.add_domain(domain.RunbookDomain)
    for name, directive in registry.DIRECTIVES.items():
        app.add_directive_to_domain(domain.DOMAIN, name, directive)
    # Late, when all other extensions have registered theirs.
    app.connect("config-inited", registry.register, priority=950)
    for transform in (
        originals.NoteOriginals,
        originals.KeepOriginals,
        Emphasis,
        glossary.SortGlossaries,
        originals.SubstituteInOriginals,
        lines.LocateBlocks,
        values.ValueSubstitutions,
        values.BlockSubstitutions,
        remarks.TranslateRemarks,
        typed.NoteTyped,
        typed.KeepTyped,
        messages.KeepMessageText,
        messages.CollectMessages,
    ):
        app.add_transform(transform)
    app.add_post_transform(RemoveHiddenBlocks)
    app.add_post_transform(remarks.ShowRemarks)
    app.add_post_transform(domain.LinkTargets)
    app.connect("warn-missing-reference", domain.warn_of_missing)
    app.add_directive_to_domain(domain.DOMAIN, "source-notes", source_notes.SourceNotesDirective)
    app.add_node(source_notes.notes_placeholder)
    app.add_builder(RunbookBuilder)
    app.connect("config-inited", interface.set_language)
    app.connect("builder-inited", remarks.note_builder)
    app.connect("config-inited", values.set_cluster_values)
    app.connect("config-inited", source_notes.read_notes)
    app.connect("config-inited", prose_rules.read_rules)
    # Late, after other extensions have changed the document.
    app.connect("doctree-read", document.process_doctree, priority=900)
    app.connect("env-purge-doc", document.purge_document)
    app.connect("env-merge-info", document.merge_documents)
    app.connect("env-check-consistency", check_consistency)
    if isinstance(app, PlanningApp):
        app.add_directive_to_domain(domain.DOMAIN, "proven", NoTableDirective)
    else:
        # Only here, because a plan has no pages, and must not wait for what makes them.
        from runbook.sphinx import page

        page.setup(app)
    return {
        "version": __version__,
        "env_version": code_version(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
