"""The parts of a document of which a reader follows one: tabs, `On Debian:`, `or`.

A way is a part with its title; those of one group exclude each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen
from docutils import nodes

from runbook.console.clues.announced import first_sentence, last_sentence
from runbook.console.clues.systems import platforms_in, platforms_in_sentence, platforms_of
from runbook.sphinx.collect.labels import plain, title_of

_TABS: Final = frozenset({"tab", "tab-item", "group-tab", "code-tab", "tabbed", "group-tabs"})
"""Directives that make one tab, of extensions that are not installed."""

_OR: Final = re.compile(
    r"(?:or|alternatively|as an alternative|another way|otherwise)\b", re.IGNORECASE
)
_CHOOSE: Final = re.compile(
    r"\b(?:one|either|any)(?: one)? of (?:the|these) "
    r"(?:following|(?:\w+ )?(?:ways|options|methods))(?! (?:node|host|server|machine|system)s)"
    r"|\bchoose (?:one|between|either)\b"
    r"|\b(?:two|three|several|different) (?:ways|options|methods|possibilities|alternatives)\b",
    re.IGNORECASE,
)
_LONGEST: Final = 60
"""Characters of a sentence that serve as a title."""


@frozen(eq=False)
class Group:
    """The ways that exclude each other, in the order of the page: titles, and their platforms.

    A way without platforms is not for some systems only. `tabs` are in a set of tabs.
    """

    heading: str
    titles: tuple[str, ...]
    platforms: tuple[tuple[str, ...], ...]
    tabs: bool


@frozen
class Way:
    """The way number `number` of a group."""

    group: Group
    number: int

    @property
    def title(self) -> str:
        """The title of the way."""
        return self.group.titles[self.number]


_Found = tuple[str, tuple[str, ...], Sequence[nodes.Node]]
"""The title of a way, its platforms, and the nodes that belong to it."""


@define
class _Finder:
    """Finds the ways of a document, by the `id` of the nodes that belong to them."""

    found: dict[int, tuple[Way, ...]] = field(factory=dict)
    heading: str = ""

    def visit(self, node: nodes.Element) -> None:
        outside = self.heading
        if isinstance(node, nodes.section) and len(node):
            self.heading = plain(node[0])
        self.tabs(node)
        self.titled(node)
        self.sentences(node)
        self.choices(node)
        for child in node.children:
            if isinstance(child, nodes.Element) and not isinstance(child, nodes.TextElement):
                self.visit(child)
        self.heading = outside

    def group(self, ways: Sequence[_Found], *, tabs: bool = False) -> None:
        """Record a group of ways; a single one has to be for some systems only."""
        if len(ways) < 2 and not any(platforms for _, platforms, _ in ways):
            return
        titles, platforms, parts = zip(*ways, strict=True)
        group = Group(self.heading, titles, platforms, tabs)
        for number, members in enumerate(parts):
            for one in members:
                self.found[id(one)] = (*self.found.get(id(one), ()), Way(group, number))

    def tab_set(self, ways: Sequence[tuple[str, nodes.Node]]) -> None:
        """Record a set of tabs; their titles may say more than the names of systems."""
        if len(ways) < 2:
            return
        systems = [platforms_in(title) for title, _ in ways]
        if len(set(systems)) == 1:
            systems = [()] * len(ways)
        self.group(
            [(title, own, [node]) for (title, node), own in zip(ways, systems, strict=True)],
            tabs=True,
        )

    def tabs(self, node: nodes.Element) -> None:
        """Find the tabs among the children of `node`."""
        if "sphinx-tabs" in node.get("classes", ()):
            self.tab_set(list(_sphinx_tabs(node)))
            return
        row: list[tuple[str, nodes.Node]] = []
        for child in node.children:
            title = _tab_title(child)
            if title is None or (isinstance(child, nodes.Element) and child.get("new_set")):
                self.tab_set(row)
                row = []
            if title is not None:
                row.append((title, child))
        self.tab_set(row)

    def titled(self, node: nodes.Element) -> None:
        """Find sections, rubrics and the like next to each other that are for different systems."""
        ways: list[_Found] = []
        below: list[nodes.Node] | None = None
        for child in node.children:
            if isinstance(child, nodes.rubric):
                below = []
                if own := platforms_of(plain(child)):
                    ways.append((plain(child), own, below))
            elif isinstance(child, nodes.Element) and not isinstance(child, nodes.list_item):
                title = plain(child[0]) if isinstance(child, nodes.section) else title_of(child)
                tab = child.get("role") == "tabpanel" or _tab_title(child) is not None
                if title and not tab and (own := platforms_of(title)):
                    ways.append((title, own, [child]))
                elif below is not None:
                    below.append(child)
        if len({own for _, own, _ in ways}) > 1:
            self.group(ways)

    def sentences(self, node: nodes.Element) -> None:
        """Find blocks below sentences that are for some systems, or that begin with `or`."""
        either: list[_Found] = []
        systems: list[_Found] = []
        for part in _parts(node):
            if not part.members:
                self.group(systems)
                self.group(either)
                systems, either = [], []
                continue
            own = platforms_in_sentence(part.sentence)
            begins = not own and platforms_in_sentence(part.opening, announces=False)
            own = own or begins or ()
            title = _as_title(part.opening if begins or _OR.match(part.opening) else part.sentence)
            if own:
                systems.append((title, own, part.members))
            else:
                self.group(systems)
                systems = []
            if own or not _OR.match(part.opening):
                self.group(either)
                either = []
            if not own:
                either.append((title, (), part.members))
        self.group(systems)
        self.group(either)

    def choices(self, node: nodes.Element) -> None:
        """Find lists of which the sentence before says that one item is to be chosen."""
        before = ""
        for child in node.children:
            if isinstance(child, nodes.bullet_list):
                if _CHOOSE.search(before):
                    items = [one for one in child.children if isinstance(one, nodes.list_item)]
                    self.group([(_as_title(_opening(one)), (), [one]) for one in items])
                before = ""
            elif isinstance(child, nodes.Element):
                before = plain(child) if isinstance(child, nodes.paragraph) else ""


def find_ways(doctree: nodes.document) -> dict[int, tuple[Way, ...]]:
    """Return the ways to which nodes of `doctree` belong, by the `id` of the node."""
    finder = _Finder()
    finder.visit(doctree)
    return finder.found


def ways_of(node: nodes.Node, found: Mapping[int, tuple[Way, ...]]) -> tuple[Way, ...]:
    """Return the ways that `node` is in, the outermost first."""
    ways: tuple[Way, ...] = ()
    at: nodes.Node | None = node
    while at is not None:
        ways = (*found.get(id(at), ()), *ways)
        at = at.parent
    return ways


def _sphinx_tabs(node: nodes.Element) -> Iterator[tuple[str, nodes.Node]]:
    """Yield the tabs of sphinx-tabs, which has its titles in a list or in the tabs."""
    first = node.children[0] if node.children else None
    if isinstance(first, nodes.Element) and first.get("role") == "tablist":
        panels = node.children[1:]
        for title, panel in zip(first.children, panels, strict=False):
            yield plain(title), panel
        return
    for tab in node.children:
        if isinstance(tab, nodes.Element) and len(tab) > 1:
            yield plain(tab[0]), tab


def _tab_title(node: nodes.Node | None) -> str | None:
    """Return the title of a tab that is among its siblings."""
    if not isinstance(node, nodes.container) or not node.children:
        return None
    if node.get("runbook_unknown") in _TABS:
        return str(node.get("runbook_label") or "") or None
    if node.get("design_component") == "tab-item" or node.get("type") == "tab":
        return plain(node.children[0])
    return None


@frozen
class _Part:
    """A paragraph with the blocks directly below it, or an item of a list.

    `opening` is the first sentence, `sentence` the one that announces the blocks.
    """

    opening: str
    sentence: str
    members: list[nodes.Node] = field(factory=list)


def _parts(node: nodes.Element) -> Iterator[_Part]:
    """Yield the parts among the children of `node` in order; other children separate them."""
    part: _Part | None = None
    for child in node.children:
        if part is not None and _is_block(child):
            part.members.append(child)
            continue
        if isinstance(child, nodes.Invisible | nodes.system_message):
            continue
        if part is not None:
            yield part
        part = None
        if isinstance(child, nodes.paragraph):
            text = plain(child)
            part = _Part(first_sentence(text), last_sentence(text))
        elif isinstance(child, nodes.list_item):
            opening = _opening(child)
            yield _Part(opening, opening, [child])
        else:
            yield _Part("", "")
    if part is not None:
        yield part


def _opening(item: nodes.list_item) -> str:
    """Return the first words of an item, up to the end of a sentence or a colon."""
    first = item.children[0] if item.children else None
    text = first_sentence(plain(first)) if isinstance(first, nodes.paragraph) else ""
    return text.partition(": ")[0]


def _is_block(node: nodes.Node) -> bool:
    if isinstance(node, nodes.container):
        return bool(node.get("literal_block"))
    return isinstance(node, nodes.literal_block)


def _as_title(sentence: str) -> str:
    title = sentence.strip().rstrip(":.\uff1a").strip()
    return title if len(title) <= _LONGEST else title[:_LONGEST].rsplit(" ", 1)[0]
