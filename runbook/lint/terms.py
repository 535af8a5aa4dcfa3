"""Words that the prose of a guide must not use, because the guide has other terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runbook.lint.finding import FindingKind
from runbook.model import Location, Remark
from runbook.model.prose import Prose
from runbook.model.terms import Term


def term_remarks(prose: Iterable[Prose], terms: Iterable[Term]) -> Iterator[Remark]:
    """Yield a remark for each place of `prose` that has a wrong term."""
    listed = tuple(terms)
    for one in prose:
        for term in listed:
            for found in term.pattern.finditer(one.text):
                line = one.location.line + one.text.count("\n", 0, found.start())
                words = " ".join(found[0].split())
                yield Remark(
                    Location(one.location.document, line),
                    FindingKind.TERM.value,
                    f"{words!r} is not a term of this guide" + (f": {term.why}" * bool(term.why)),
                    repr(term.right),
                )
