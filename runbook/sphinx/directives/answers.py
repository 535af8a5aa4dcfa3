r"""The directive `answers`: what to answer an interactive program.

```rst
.. answers::

   :Application mode: ``both``
   :Engine admin password\:: :secret:`engine-admin`
   :Continue anyway?: ``yes``, sometimes: only where the firewall is on
   :Organization name: *default*
   :Press any key to continue: *Enter*
   :Delete it?: *key* ``y``
   :Port: *edit* ``443``
   :Another brick: *again* ``/srv/b2``
```

Each field begins with the answer: a literal, the name of a secret, or *default*. *Enter*, *key*
and *edit* say how it is typed, *again* that the question comes once more for another thing. A
remark may follow; one that begins with `sometimes` marks a question that is not always asked, one
that begins with `drawn` a question on the screen, which no transcript shows. The
options `:on:` (hosts and groups) and `:platform:` limit the answers to these; they then take
precedence over those of a directive without options.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.statemachine import StateMachine

from runbook.console.prompts.marked import WORDS, typing_of
from runbook.model import Override, Turn, Typing
from runbook.sphinx.directives import options
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.translation.interface import N_, _

_HEADERS: Final = (N_("Question"), N_("Answer"), N_("Remark"))

_SHOWN: Final = {
    "again": N_("again"),
    "default": N_("default"),
    "edit": N_("edit"),
    "key": N_("key"),
    "Enter": N_("Enter"),
}
"""What the words in italics are called in the table."""

_BEFORE_REMARK: Final = re.compile(r"\A[\s,.;:—-]+")


class AnswersDirective(RunbookDirective):
    """`.. answers::`: a field list of questions and their answers."""

    directive_name = "answers"
    option_spec: ClassVar[Any] = {"on": options.words, "platform": options.words}

    def run(self) -> list[nodes.Node]:
        """Return the answers as a table."""
        self.assert_has_content()
        parsed = self.parse_content(nodes.Element())
        answers, rows = [], []
        for child in parsed:
            if isinstance(child, nodes.system_message):
                return list(parsed)
            if not isinstance(child, nodes.field_list):
                raise self.error(self._not_fields())
            for one in child.findall(nodes.field):
                answers.append(self._answer(one))
                rows.append(one)
        node = self.container(answers=answers, **self.options)
        if caption := self._caption():
            node += nodes.paragraph(caption, caption, classes=["runbook-answers-for"])
        node += _table([_cells(row) for row in rows])
        return [node]

    def _not_fields(self) -> str:
        """Return what is wrong with content that is not a field list."""
        message = "answers are a field list of questions and nothing else"
        machine: Any = self.state_machine
        if isinstance(machine, StateMachine):
            return message
        return f"{message}; MyST reads field lists if 'fieldlist' is in myst_enable_extensions"

    def _caption(self) -> str:
        """Return which hosts and platforms the answers are for; empty if for all."""
        given = {name: ", ".join(names) for name, names in self.options.items()}
        if len(given) > 1:
            return _("Only on %(on)s and for %(platform)s:") % given
        if "on" in given:
            return _("Only on %s:") % given["on"]
        return _("Only for %s:") % given["platform"] if given else ""

    def _answer(self, row: nodes.field) -> dict[str, Any]:
        """Return one answer as the arguments of a `Turn`."""
        name, body = _parts(row)
        answer: dict[str, Any] = {"prompt": name.astext().strip()}
        first = body[0] if len(body) else None
        marks = _marks(first)
        if "again" in marks:
            answer["again"] = True
        if (typing := typing_of(marks[-1] if marks else "")) is not Typing.LINE:
            answer["typing"] = typing.value
        shown = _after_marks(first)
        if marks[-1:] in (["default"], ["Enter"]):
            pass
        elif isinstance(shown, nodes.inline) and "runbook-secret" in shown["classes"]:
            answer["secret"] = next(iter(shown.findall(nodes.literal))).astext()
        elif isinstance(shown, nodes.literal):
            answer["answer"] = shown.astext()
        elif first is not None:
            raise self.error(
                f"the answer to {answer['prompt']!r} is written as ``text``, :secret:`name`, "
                "*default*, *Enter*, *key* ``y`` or *edit* ``text``, optionally followed by a "
                "remark"
            )
        remark = _remark(body).lower()
        for word in ("sometimes", "drawn"):
            if remark.startswith(word):
                answer[word] = True
        return answer


def turns_from(data: dict[str, Any]) -> list[Turn]:
    """Return the turns of a directive; answers for some hosts only become overrides."""
    if not data.get("on") and not data.get("platform"):
        return [
            Turn(**{**answer, "typing": Typing(answer.get("typing", "line"))})
            for answer in data["answers"]
        ]
    on, platforms = tuple(data.get("on", ())), tuple(data.get("platform", ()))
    return [
        Turn(
            answer["prompt"],
            sometimes=answer.get("sometimes", False),
            drawn=answer.get("drawn", False),
            overrides=(_override(on, platforms, answer),),
            again=answer.get("again", False),
        )
        for answer in data["answers"]
    ]


def _override(on: tuple[str, ...], platforms: tuple[str, ...], answer: dict[str, Any]) -> Override:
    typing = Typing(answer.get("typing", "line"))
    return Override(on, platforms, answer.get("answer"), answer.get("secret"), typing)


def _parts(row: nodes.field) -> tuple[nodes.field_name, nodes.field_body]:
    name, body = row.children
    assert isinstance(name, nodes.field_name)  # noqa: S101  # guaranteed by the parser
    assert isinstance(body, nodes.field_body)  # noqa: S101
    return name, body


def _marks(first: nodes.Node | None) -> list[str]:
    """Return the marks at the beginning of an answer: `*again*`, and how it is typed."""
    found: list[str] = []
    for child in first.children if isinstance(first, nodes.paragraph) else ():
        if isinstance(child, nodes.emphasis) and child.astext() in WORDS:
            found.append(child.astext())
        elif child.astext().strip():
            break
    return found


def _answer_end(first: nodes.Node) -> int:
    """Return the place after the marks and the answer, among the parts of the paragraph."""
    marks = _marks(first)
    texts = [
        place
        for place, child in enumerate(first.children)
        if child.astext().strip() or not isinstance(child, nodes.Text)
    ]
    bare = bool(marks) and marks[-1] in ("default", "Enter")
    last = len(marks) - 1 if bare else len(marks)
    return texts[last] + 1 if last < len(texts) else len(first.children)


def _after_marks(first: nodes.Node | None) -> nodes.Node | None:
    """Return the part with the answer, `None` if there is none."""
    if not isinstance(first, nodes.paragraph) or not len(first):
        return None
    return first[_answer_end(first) - 1]


def _remark(body: nodes.Element) -> str:
    rest = "".join(
        child.astext() for part in body.children[:1] for child in part.children[_answer_end(part) :]
    )
    return _BEFORE_REMARK.sub("", rest)


def _cells(row: nodes.field) -> tuple[list[nodes.Node], list[nodes.Node], list[nodes.Node]]:
    name, body = _parts(row)
    question = nodes.paragraph(
        name.rawsource.replace("\\:", ":"), "", *[child.deepcopy() for child in name]
    )
    default: nodes.Node = nodes.paragraph("", "", nodes.emphasis("", "default"))
    inline = (body.children[0] if len(body) else default).children
    end = _answer_end(body.children[0]) if len(body) else 1
    answer = nodes.paragraph("", "", *[child.deepcopy() for child in inline[:end]])
    for word in answer.children:
        if isinstance(word, nodes.emphasis) and word.astext() in _SHOWN:
            word[:] = [nodes.Text(_(_SHOWN[word.astext()]))]
    raw = _remark_source(body.children[0], end) if len(body) else ""
    remark = nodes.paragraph(raw, "", *[child.deepcopy() for child in inline[end:]])
    if len(remark) and isinstance(remark[0], nodes.Text):
        remark[0] = nodes.Text(_BEFORE_REMARK.sub("", remark[0].astext()))
    # What has a place in the source can be translated: the answer is what is typed.
    for cell in (question, remark):
        cell.source, cell.line = row.source, row.line
    return [question], [answer], [remark, *[child.deepcopy() for child in list(body)[1:]]]


def _remark_source(paragraph: nodes.Node, end: int) -> str:
    """Return the source text of the remark in a paragraph, after its first `end` parts."""
    raw: str = getattr(paragraph, "rawsource", "")
    place = 0
    for part in paragraph.children[:end]:
        if isinstance(part, nodes.Element) and part.rawsource in raw[place:]:
            place = raw.index(part.rawsource, place) + len(part.rawsource)
    return _BEFORE_REMARK.sub("", raw[place:])


def _table(rows: list[tuple[list[nodes.Node], ...]]) -> nodes.table:
    group = nodes.tgroup(cols=3)
    for width in (40, 25, 35):
        group += nodes.colspec(colwidth=width)
    head = nodes.row()
    for title in _HEADERS:
        head += nodes.entry("", nodes.paragraph("", _(title)))
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
    _name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_more: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the name of a secret, for the role `secret`; its value is looked up when sent."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", text):
        message = inliner.reporter.error(
            f"{text!r} is not the name of a secret: lower-case letters, digits, '-' and '_' only",
            line=lineno,
        )
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    before, _place, after = _("the secret %s").partition("%s")
    shown = [nodes.Text(before), nodes.literal(text, text)]
    shown += [nodes.Text(after)] if after else []
    return [nodes.inline(rawtext, "", *shown, classes=["runbook-secret"])], []
