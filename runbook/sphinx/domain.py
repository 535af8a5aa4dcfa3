"""The domain `runbook`: our directives and roles by their full names, and what roles refer to.

Steps and checks are objects of the domain, so that they are in the search and in `objects.inv`,
through which other projects refer to them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final, cast

from attrs import frozen
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from runbook.sphinx.directives.answers import secret_role
from runbook.sphinx.source.ids import slug, step_id
from runbook.sphinx.translation.originals import originals

_logger = logging.getLogger(__name__)

DOMAIN: Final = "runbook"
_IN_SEARCH: Final = 1
"""The priority of objects in Sphinx's search that are neither special nor hidden."""


@frozen
class Target:
    """Where a step or check is, and its title or sentence."""

    docname: str
    anchor: str
    title: str


class ObjectRole(XRefRole):
    """A reference to an object of our domain, by whichever name the role is registered."""

    def __init__(self) -> None:
        super().__init__(innernodeclass=nodes.inline, warn_dangling=True)

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the reference; Sphinx takes the domain from the name of the role."""
        self.name = f"{DOMAIN}:{self.name.rpartition(':')[2]}"
        return super().run()


class RunbookDomain(Domain):
    """Our directives and roles by their full names, such as `runbook:step`."""

    name = DOMAIN
    label = "Runbook"
    object_types: ClassVar[dict[str, ObjType]] = {
        "step": ObjType("step", "step"),
        "check": ObjType("check", "check"),
    }
    directives: ClassVar[dict[str, type[Directive]]] = {}
    roles: ClassVar[dict[str, Any]] = {
        "secret": secret_role,
        "step": ObjectRole(),
        "check": ObjectRole(),
    }
    initial_data: ClassVar[dict[str, Any]] = {"step": {}, "check": {}}

    def targets(self, kind: str) -> dict[str, Target]:
        """Return the steps or the checks by their ids."""
        found: dict[str, Target] = self.data[kind]
        return found

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Note the steps of a document that has been read, and their checks.

        They have the titles and sentences of the page, and the names that are the same in all
        languages.
        """
        steps, checks = self.targets("step"), self.targets("check")
        with originals(document):
            names = {id(check): slug(_sentence(check)) for check in _marked(document, "check")}
        standard = cast("StandardDomain", env.get_domain("std"))
        for step in _marked(document, "step"):
            name = step_id(step["runbook_data"]["id"], docname, env.config.root_doc)
            steps[name] = Target(docname, step["ids"][0], _text(step[0]))
            standard.note_hyperlink_target(name, docname, step["ids"][0], steps[name].title)
            for check in _marked(step, "check"):
                if check["ids"]:
                    wanted = f"{name}/{names[id(check)]}"
                    checks[_free(wanted, checks)] = Target(
                        docname, check["ids"][0], _sentence(check)
                    )

    def clear_doc(self, docname: str) -> None:
        """Forget the steps and checks of a document."""
        for kind in self.object_types:
            found = self.targets(kind)
            for name in [name for name, target in found.items() if target.docname == docname]:
                del found[name]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Add what another process has read."""
        read = set(docnames)
        for kind in self.object_types:
            theirs: dict[str, Target] = otherdata[kind]
            self.targets(kind).update(
                {name: target for name, target in theirs.items() if target.docname in read}
            )

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Return a link to a step or check, with its title unless the reference has a text."""
        targets = self.targets(typ) if typ in self.object_types else {}
        found = next((targets[name] for name in _names(env, node, target) if name in targets), None)
        if found is None:
            return None
        if not node.get("refexplicit"):
            contnode = nodes.inline("", found.title, classes=[f"runbook-{typ}-reference"])
        return make_refnode(
            builder, fromdocname, found.docname, found.anchor, contnode, found.title
        )

    def resolve_any_xref(self, *_: Any) -> list[Any]:
        """Return nothing: for the role `any`, steps are labels of the standard domain."""
        return []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """Yield the steps and checks for the search and for `objects.inv`."""
        for kind in self.object_types:
            for name, at in self.targets(kind).items():
                yield name, at.title, kind, at.docname, at.anchor, _IN_SEARCH


class LinkTargets(SphinxPostTransform):
    """Anchors for links to steps and checks in formats whose writers give containers none."""

    default_priority = 400
    builders = ("latex", "texinfo")

    def run(self, **_: Any) -> None:
        """Put a target before each step and check."""
        for kind in RunbookDomain.object_types:
            for node in list(_marked(self.document, kind)):
                target = nodes.target("", "", ids=node["ids"])
                node.parent.insert(node.parent.index(node), target)


def warn_of_missing(_: Sphinx, domain: Domain, node: pending_xref) -> bool | None:
    """Tell which step or check there is not, and which one may be meant."""
    if not isinstance(domain, RunbookDomain):
        return None
    kind, wanted = node["reftype"], node["reftarget"]
    known = domain.targets(kind)
    names = _names(domain.env, node, wanted)
    near = next((n for name in names for n in difflib.get_close_matches(name, known, 1)), None)
    hint = f"; did you mean {near!r}?" if near else ""
    _logger.warning(
        "there is no %s %r%s", kind, wanted, hint, location=node, type="ref", subtype=kind
    )
    return True


def _names(env: BuildEnvironment, node: pending_xref, target: str) -> list[str]:
    """Return the ids that a reference may mean; a title or sentence stands for its id."""
    document = step_id("", node.get("refdoc", ""), env.config.root_doc)
    above, _, last = target.rpartition("/")
    by_title = f"{above}/{slug(last)}" if above else slug(last)
    return [target, f"{document}{target}", by_title, f"{document}{by_title}"]


def _marked(within: nodes.Element, name: str) -> Iterator[nodes.container]:
    """Yield the containers of one of our directives."""
    return (one for one in within.findall(nodes.container) if one.get("runbook") == name)


def _text(node: nodes.Node) -> str:
    return " ".join(node.astext().split())


def _sentence(check: nodes.container) -> str:
    return _text(check[0].children[-1])


def _free(wanted: str, taken: dict[str, Target]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name
