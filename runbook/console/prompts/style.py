"""Determine what the prompts of a block look like: `# ` may be a prompt or a comment."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from runbook.console.clues.comments import is_comment
from runbook.console.clues.interactive import started
from runbook.console.clues.wordlists import words
from runbook.console.clues.words import (
    KNOWN,
    LIKELY,
    POSSIBLE,
    command_likelihood,
    is_known_program,
    program_name,
)
from runbook.console.prompts import nesting, shell
from runbook.console.prompts.hash import root_prompt_confidence
from runbook.console.prompts.shell import ShellPrompt


@frozen
class PromptStyle:
    """Which prompts count in a block, and the confidence that they are prompts.

    `signs` are those of short prompts; the block starts with that of `first`, if with a short one.
    `full` also accepts full prompts, `hosts` a host name and a sign wherever they are, and
    `unspaced` a sign directly before a well-known command.
    """

    signs: frozenset[str]
    confidence: float
    reason: str
    first: str = ""
    full: bool = True
    hosts: bool = False
    unspaced: bool = True

    def prompt(self, line: str, before: str, sign: str) -> ShellPrompt | None:
        """Return the prompt at the start of `line`.

        `before` is the preceding command, `sign` that of the short prompt of the current shell.
        """
        if self.full and (found := shell.full(line)):
            return found
        if found := shell.short(line):
            return found if self._counts(found, line, before, sign) else None
        if found := shell.host_prompt(line):
            # Any word may stand before a sign in output, and programs have such prompts as well.
            named = self.hosts or nesting.counts(found.sign, line[found.end :], before)
            return found if named and not started(before) else None
        if self.unspaced and (found := shell.unspaced(line)):
            return found if is_known_program(program_name(line[found.end :])) else None
        return None

    def _counts(self, found: ShellPrompt, line: str, before: str, sign: str) -> bool:
        """Return whether the short prompt `found` is a prompt in this block."""
        if found.sign in self.signs or found.sign == sign or (found.full and self.full):
            # Text indented after the sign was commented out.
            return not (found.sign == "#" and found.end > 2 and line[2] == " ")
        text = line[found.end :]
        if not self.signs:
            # Output in a shell with a full prompt may start with either sign.
            return nesting.moves(before) and nesting.counts(found.sign, text, before)
        return self.signs <= {"$", "#"} and nesting.counts(found.sign, text, before)


def style_of(lines: Sequence[str], *, session: bool, script: bool) -> PromptStyle | None:
    """Return the style of the block, or `None` if it shows no prompt.

    `session` says that the block is in a transcript language, `script` that it is in a shell
    language.
    """
    shown = [line for line in lines if line.strip()]
    if not shown:
        return None
    full_prompts: list[tuple[ShellPrompt, str]] = []
    texts_by_sign: dict[str, list[str]] = {sign: [] for sign in "$#%>"}
    for line in shown:
        if (found := shell.full(line) or shell.short(line)) is None:
            continue
        if found.full:
            full_prompts.append((found, line[found.end :].strip()))
        else:
            texts_by_sign[found.sign].append(line[found.end :].strip())
    if any(_plausible(found, text) for found, text in full_prompts):
        return _full_prompts(full_prompts, texts_by_sign, shown[0])
    if texts_by_sign["$"] and (
        session or script or any(command_likelihood(t) >= POSSIBLE for t in texts_by_sign["$"])
    ):
        return _dollar_prompts(shown, texts_by_sign, session=session, script=script)
    if texts_by_sign["#"]:
        confidence = root_prompt_confidence(
            shown, texts_by_sign["#"], session=session, script=script
        )
        if confidence:
            return PromptStyle(frozenset("#"), confidence, "lines start with root's prompt '# '")
    return _rare_prompts(shown, texts_by_sign) or _host_prompts(shown) or _unspaced_prompts(shown)


def _plausible(found: ShellPrompt, text: str) -> bool:
    return not text or found.user is not None or command_likelihood(text) >= POSSIBLE


def _full_prompts(
    full_prompts: Sequence[tuple[ShellPrompt, str]],
    texts_by_sign: dict[str, list[str]],
    first_line: str,
) -> PromptStyle:
    """Return the style of a block with full prompts, some of which may be shortened."""
    accepted = {
        sign for sign in "$#" if any(command_likelihood(t) >= LIKELY for t in texts_by_sign[sign])
    }
    if "$" not in accepted or any(found.sign == "#" for found, _ in full_prompts):
        # Output in a root shell may start with either sign.
        accepted &= {"$"} if len(full_prompts) <= len(texts_by_sign["$"]) else set()
    first = shell.short(first_line)
    likely = first is not None and command_likelihood(first_line[first.end :]) >= LIKELY
    return PromptStyle(
        frozenset(accepted),
        0.96,
        "lines start with full prompts",
        first.sign if first and likely else "",
    )


def _dollar_prompts(
    shown: Sequence[str], texts_by_sign: dict[str, list[str]], *, session: bool, script: bool
) -> PromptStyle:
    """Return the style of a block with the prompt `$ `, where `# ` may be another prompt."""
    rooted = [t for t in texts_by_sign["#"] if command_likelihood(t) >= KNOWN and not is_comment(t)]
    if (
        rooted
        and len(rooted) * 2 >= len(texts_by_sign["#"])
        and _first(shown, "#") < _first(shown, "$")
        and root_prompt_confidence(shown, texts_by_sign["#"], session=session, script=script)
    ):
        return PromptStyle(frozenset("$#"), 0.88, "lines start with the prompts '# ' and '$ '")
    sure = max(map(command_likelihood, texts_by_sign["$"])) >= LIKELY
    return PromptStyle(frozenset("$"), 0.95 if sure else 0.75, "lines start with the prompt '$ '")


def _first(lines: Sequence[str], sign: str) -> int:
    return next((n for n, line in enumerate(lines) if line.startswith(f"{sign} ")), len(lines))


def _rare_prompts(shown: Sequence[str], texts_by_sign: dict[str, list[str]]) -> PromptStyle | None:
    """Return the style of a block with the prompt `% ` of a C shell, or just `> `."""
    first = next((line for line in shown if not line.startswith("#")), "")
    for sign in "%>":
        texts = texts_by_sign[sign]
        plain = all(
            command_likelihood(t) >= LIKELY and (sign == "%" or "> " not in t) for t in texts
        )
        if texts and plain and first.startswith(sign):
            reason = f"lines start with the prompt '{sign} '"
            return PromptStyle(frozenset(sign), 0.85, reason, full=False, unspaced=False)
    return None


def _host_prompts(shown: Sequence[str]) -> PromptStyle | None:
    """Return the style of a block whose prompts are a host name and a sign."""
    named = [(found, line) for line in shown if (found := shell.host_prompt(line))]
    if not named or named[0][1] != shown[0]:
        return None
    likelihood = [command_likelihood(line[found.end :]) for found, line in named]
    if program_name(shown[0][named[0][0].end :]) in words("devices"):
        return None
    spaced = any(line[len(found.host or "")] == " " for found, line in named)
    if spaced and (len(named) < len(shown) or min(likelihood) < KNOWN):
        return None
    if max(likelihood) < LIKELY:
        return None
    reason = "lines start with a host name and a prompt sign"
    return PromptStyle(frozenset(), 0.85, reason, hosts=True, unspaced=False)


def _unspaced_prompts(shown: Sequence[str]) -> PromptStyle | None:
    """Return the style of a block whose prompts lack the space after them."""
    texts = [line[found.end :] for line in shown if (found := shell.unspaced(line))]
    if not texts or shell.unspaced(shown[0]) is None:
        return None
    if not all(command_likelihood(t) >= KNOWN and is_known_program(program_name(t)) for t in texts):
        return None
    reason = "lines start with a prompt without a space after it"
    return PromptStyle(frozenset("#$"), 0.8, reason)
