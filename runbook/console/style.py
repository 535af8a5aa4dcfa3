"""Decide what the prompts of a block look like: `# ` is a prompt here and a remark there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.console import shellprompt
from runbook.console.pattern import any_of
from runbook.console.remarks import is_remark
from runbook.console.shapes import is_printing
from runbook.console.sharp import certainty_of_sharp
from runbook.console.shellprompt import ShellPrompt
from runbook.console.wordlists import words
from runbook.console.words import KNOWN, LIKELY, POSSIBLE, known, program, typed

_ROOT_SHELL: Final = any_of(
    r"sudo (?:-\w+ )*(?:su|bash|sh|-i|-s)\b",
    r"sudo -[is]",
    r"(?:su|ssh)\b",
    r"(?:docker|podman) (?:exec|run) ",
    r"(?:chroot|lxc|machinectl) ",
    r"kubectl exec|nsenter|virsh console",
)
"""Commands behind which a `$ ` becomes a `# `."""


@frozen
class Style:
    """Which prompts count in a block, and how certain it is that these are prompts.

    `signs` are those of short prompts. With `full`, a whole prompt is one, with `hosts` a
    host's name and a sign, and with `damaged` a sign right before a well-known command.
    """

    signs: frozenset[str]
    confidence: float
    reason: str
    full: bool = True
    hosts: bool = True
    damaged: bool = True

    def prompt(self, line: str, before: str) -> ShellPrompt | None:
        """Return the prompt that `line` begins with; `before` is the command above it."""
        if self.full and (found := shellprompt.full(line)):
            return found
        if found := shellprompt.short(line):
            return found if self._counts(found, line, before) else None
        if self.hosts and (found := shellprompt.named(line)):
            return found
        if self.damaged and (found := shellprompt.damaged(line)):
            return found if known(program(line[found.end :])) else None
        return None

    def _counts(self, found: ShellPrompt, line: str, before: str) -> bool:
        """Tell whether the short prompt `found` is one in this block."""
        if found.sign in self.signs or (found.full and self.full):
            # What is indented behind the sign was commented out.
            return not (found.sign == "#" and found.end > 2 and line[2] == " ")
        if found.sign != "#" or self.signs != {"$"} or is_printing(before):
            return False
        text = line[found.end :]
        rooted = bool(_ROOT_SHELL.match(before)) or typed(text) >= KNOWN
        return rooted and not is_remark(text.strip())


def style_of(lines: Sequence[str], *, session: bool, script: bool) -> Style | None:
    """Return the style of the block, or `None` if nothing in it is a prompt.

    `session` says that its language is one of transcripts, `script` that it is a shell's.
    """
    shown = [line for line in lines if line.strip()]
    if not shown:
        return None
    whole: list[tuple[ShellPrompt, str]] = []
    behind: dict[str, list[str]] = {sign: [] for sign in "$#%>"}
    for line in shown:
        if (found := shellprompt.full(line) or shellprompt.short(line)) is None:
            continue
        if found.full:
            whole.append((found, line[found.end :].strip()))
        else:
            behind[found.sign].append(line[found.end :].strip())
    if any(_plausible(found, text) for found, text in whole):
        return _whole(whole, behind)
    if behind["$"] and (session or script or any(typed(t) >= POSSIBLE for t in behind["$"])):
        return _dollar(shown, behind, session=session, script=script)
    if behind["#"]:
        certainty = certainty_of_sharp(shown, behind["#"], session=session, script=script)
        if certainty:
            return Style(frozenset("#"), certainty, "lines begin with root's prompt '# '")
    return _rare(shown, behind) or _host(shown) or _damaged(shown)


def _plausible(found: ShellPrompt, text: str) -> bool:
    return not text or found.user is not None or typed(text) >= POSSIBLE


def _whole(whole: Sequence[tuple[ShellPrompt, str]], behind: dict[str, list[str]]) -> Style:
    """Return the style of a block with whole prompts, in which some may be shortened."""
    accepted = {sign for sign in "$#" if any(typed(t) >= LIKELY for t in behind[sign])}
    if "$" not in accepted or any(found.sign == "#" for found, _ in whole):
        # What a root shell prints may begin with either sign.
        accepted &= {"$"} if len(whole) <= len(behind["$"]) else set()
    return Style(frozenset(accepted), 0.96, "lines begin with whole prompts")


def _dollar(
    shown: Sequence[str], behind: dict[str, list[str]], *, session: bool, script: bool
) -> Style:
    """Return the style of a block with the prompt `$ `, behind which a `# ` may be another."""
    rooted = [t for t in behind["#"] if typed(t) >= KNOWN and not is_remark(t)]
    if (
        rooted
        and len(rooted) * 2 >= len(behind["#"])
        and _first(shown, "#") < _first(shown, "$")
        and certainty_of_sharp(shown, behind["#"], session=session, script=script)
    ):
        return Style(frozenset("$#"), 0.88, "lines begin with the prompts '# ' and '$ '")
    sure = max(map(typed, behind["$"])) >= LIKELY
    return Style(frozenset("$"), 0.95 if sure else 0.75, "lines begin with the prompt '$ '")


def _first(lines: Sequence[str], sign: str) -> int:
    return next((n for n, line in enumerate(lines) if line.startswith(f"{sign} ")), len(lines))


def _rare(shown: Sequence[str], behind: dict[str, list[str]]) -> Style | None:
    """Return the style of a block with the prompt of a C shell, or a mere `> `."""
    first = next((line for line in shown if not line.startswith("#")), "")
    for sign in "%>":
        texts = behind[sign]
        plain = all(typed(t) >= LIKELY and (sign == "%" or "> " not in t) for t in texts)
        if texts and plain and first.startswith(sign):
            reason = f"lines begin with the prompt '{sign} '"
            return Style(frozenset(sign), 0.85, reason, full=False, hosts=False, damaged=False)
    return None


def _host(shown: Sequence[str]) -> Style | None:
    """Return the style of a block whose prompts are a host's name and a sign."""
    named = [(found, line) for line in shown if (found := shellprompt.named(line))]
    if not named or named[0][1] != shown[0]:
        return None
    likeness = [typed(line[found.end :]) for found, line in named]
    if program(shown[0][named[0][0].end :]) in words("devices"):
        return None
    spaced = any(line[len(found.host or "")] == " " for found, line in named)
    if spaced and (len(named) < len(shown) or min(likeness) < KNOWN):
        return None
    if max(likeness) < LIKELY:
        return None
    reason = "lines begin with a host's name and a sign"
    return Style(frozenset(), 0.85, reason, damaged=False)


def _damaged(shown: Sequence[str]) -> Style | None:
    """Return the style of a block whose prompts lack the blank behind them."""
    texts = [line[found.end :] for line in shown if (found := shellprompt.damaged(line))]
    if not texts or shellprompt.damaged(shown[0]) is None:
        return None
    if not all(typed(t) >= KNOWN and known(program(t)) for t in texts):
        return None
    reason = "lines begin with a prompt that lacks its blank"
    return Style(frozenset("#$"), 0.8, reason, hosts=False)
