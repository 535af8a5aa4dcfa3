r"""`.. answers::`: what to answer a program that asks, as a table that is also data.

```rst
.. answers::

   :Application mode: ``both``
   :Engine admin password\:: :secret:`engine-admin`
   :Continue anyway?: ``yes``, sometimes: only where the firewall is on
   :Organization name: *default*
```

The first thing in each field is the answer: a literal, a secret's name, or *default*. What
follows is a remark; one that begins with `sometimes` marks a question that may not come. With
the options `:on:` (hosts and groups) and `:platform:` the answers are for these only, and count
more than those of a directive without.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from docutils import nodes

from runbook.model import Override, Turn
from runbook.sphinx import options
from runbook.sphinx.directives import _Noun

_HEADS = ("Question", "Answer", "Remark")


class Answers(_Noun):
    """`.. answers::`: a field list of questions and their answers."""

    noun = "answers"
    option_spec: ClassVar[Any] = {"on": options.words, "platform": options.words}

    def run(self) -> list[nodes.Node]:
        """Return the answers as a table."""
        self.assert_has_content()
        parsed = self.parsed(nodes.Element())
        said, rows = [], []
        for child in parsed:
            if isinstance(child, nodes.system_message):
                return list(parsed)
            if not isinstance(child, nodes.field_list):
                raise self.error("answers are a field list of questions, nothing else")
            for one in child.findall(nodes.field):
                said.append(self._answer(one))
                rows.append(one)
        made = self.container(answers=said, **self.options)
        if caption := self._caption():
            made += nodes.paragraph(caption, caption, classes=["runbook-answers-for"])
        made += _table([_cells(row) for row in rows])
        return [made]

    def _caption(self) -> str:
        """Return whom the answers are for, if not for all."""
        names = []
        if "on" in self.options:
            names.append("on " + ", ".join(self.options["on"]))
        if "platform" in self.options:
            names.append("for " + ", ".join(self.options["platform"]))
        return f"Only {' and '.join(names)}:" if names else ""

    def _answer(self, row: nodes.field) -> dict[str, Any]:
        """Return prompt, answer, secret and sometimes of one field."""
        name, body = _parts(row)
        said: dict[str, Any] = {"prompt": name.astext().strip()}
        first = body[0] if len(body) else None
        shown = first[0] if isinstance(first, nodes.paragraph) and len(first) else None
        if isinstance(shown, nodes.inline) and "runbook-secret" in shown["classes"]:
            said["secret"] = shown[-1].astext()
        elif isinstance(shown, nodes.literal):
            said["answer"] = shown.astext()
        elif first is not None and not (
            isinstance(shown, nodes.emphasis) and shown.astext() == "default"
        ):
            raise self.error(
                f"the answer to {said['prompt']!r} is written as ``text``, "
                ":secret:`name` or *default*, and a remark may follow"
            )
        if _remark(body).lower().startswith("sometimes"):
            said["sometimes"] = True
        return said


def turns_of(data: dict[str, Any]) -> list[Turn]:
    """Return what a directive says of the answers; for some hosts only, they are overrides."""
    if not data.get("on") and not data.get("platform"):
        return [Turn(**said) for said in data["answers"]]
    on, platforms = tuple(data.get("on", ())), tuple(data.get("platform", ()))
    return [
        Turn(
            said["prompt"],
            sometimes=said.get("sometimes", False),
            overrides=(Override(on, platforms, said.get("answer"), said.get("secret")),),
        )
        for said in data["answers"]
    ]


def _parts(row: nodes.field) -> tuple[nodes.field_name, nodes.field_body]:
    name, body = row.children
    assert isinstance(name, nodes.field_name)  # noqa: S101  # the parser makes no other
    assert isinstance(body, nodes.field_body)  # noqa: S101
    return name, body


def _remark(body: nodes.Element) -> str:
    rest = "".join(child.astext() for part in body.children[:1] for child in part.children[1:])
    return re.sub(r"\A[\s,.;:—-]+", "", rest)


def _cells(row: nodes.field) -> tuple[list[nodes.Node], list[nodes.Node], list[nodes.Node]]:
    name, body = _parts(row)
    question = nodes.paragraph("", "", *[child.deepcopy() for child in name])
    default: nodes.Node = nodes.paragraph("", "", nodes.emphasis("", "default"))
    said = (body.children[0] if len(body) else default).children
    answer = nodes.paragraph("", "", said[0].deepcopy())
    remark = nodes.paragraph("", "", *[child.deepcopy() for child in said[1:]])
    if len(remark) and isinstance(remark[0], nodes.Text):
        remark[0] = nodes.Text(re.sub(r"\A[\s,.;:—-]+", "", remark[0].astext()))
    return [question], [answer], [remark, *[child.deepcopy() for child in list(body)[1:]]]


def _table(rows: list[tuple[list[nodes.Node], ...]]) -> nodes.table:
    group = nodes.tgroup(cols=3)
    for width in (40, 25, 35):
        group += nodes.colspec(colwidth=width)
    head = nodes.row()
    for title in _HEADS:
        head += nodes.entry("", nodes.paragraph(title, title))
    group += nodes.thead("", head)
    body = nodes.tbody()
    for cells in rows:
        line = nodes.row()
        for cell in cells:
            line += nodes.entry("", *cell)
        body += line
    group += body
    return nodes.table("", group, classes=["runbook-answers-table"])


def secret_role(
    _name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the name of a secret as the page shows it; its value is looked up when it is sent."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", text):
        message = inliner.reporter.error(
            f"{text!r} is not the name of a secret: lower-case letters, digits, '-' and '_' only",
            line=lineno,
        )
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    shown = [nodes.Text("the secret "), nodes.literal(text, text)]
    return [nodes.inline(rawtext, "", *shown, classes=["runbook-secret"])], []
