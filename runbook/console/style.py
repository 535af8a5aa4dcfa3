"""Decide what the prompts of a block look like: `# ` is a prompt here and a remark there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.console import shellprompt
from runbook.console.entries import is_remark
from runbook.console.shellprompt import ShellPrompt
from runbook.console.words import KNOWN, LIKELY, known, program, sentence, typed

_ROOT_SHELL: Final = re.compile(
    r"(?:sudo (?:-\w+ )*(?:su|bash|sh|-i|-s)\b|sudo -[is]|su\b|ssh\b|docker (?:exec|run) |podman (?:exec|run) |chroot |lxc |kubectl exec|nsenter |machinectl |virsh console)"
)
ROUTER: Final = frozenset(
    "show configure conf find interface router clear debug write set delete commit save edit enable disable exit end no ip vlan".split()
)
"""Words that begin commands of network devices, whose prompts look like a host's."""

_PRINTS: Final = re.compile(
    r"(?:sudo )?(?:cat|less|more|head|tail|grep|egrep|sed|awk|diff|crontab -l|zcat|curl|man|git (?:diff|show|status)|echo|printf)\b"
)


@frozen
class Style:
    """Which prompts count in a block, and how certain it is that these are prompts.

    `signs` are those of short prompts. With `hosts`, a host's name and a sign is a prompt;
    with `damaged`, a sign right before the command is.
    """

    signs: frozenset[str] = frozenset()
    full: bool = False
    hosts: bool = False
    damaged: bool = False
    confidence: float = 0.0
    reason: str = ""

    def prompt(self, line: str, before: str) -> ShellPrompt | None:
        """Return the prompt that `line` begins with; `before` is the command above it."""
        if self.full and (found := shellprompt.full(line)):
            return found
        found = shellprompt.short(line)
        if found:
            if found.sign in self.signs or (found.full and self.full):
                # What is indented behind the sign was commented out.
                return None if found.sign == "#" and found.end > 2 and line[2] == " " else found
            if found.sign == "#" and self.signs == {"$"}:
                text = line[found.end :]
                rooted = bool(_ROOT_SHELL.match(before)) or typed(text) >= KNOWN
                if rooted and not _PRINTS.match(before) and not is_remark(text.strip()):
                    return found
            return None
        if self.hosts and (found := shellprompt.named(line)):
            return found
        if (
            self.damaged
            and (found := shellprompt.damaged(line))
            and known(program(line[found.end :]))
        ):
            return found
        return None


def style_of(lines: Sequence[str], *, session: bool, script: bool) -> Style | None:
    """Return the style of the block, or `None` if nothing in it is a prompt.

    `session` says that its language is one of transcripts, `script` that it is a shell's.
    """
    shown = [line for line in lines if line.strip()]
    if not shown:
        return None
    prompts = [(shellprompt.full(line) or shellprompt.short(line), line) for line in shown]
    full = [(p, line) for p, line in prompts if p and p.full]
    signs = {
        sign: [line[p.end :].strip() for p, line in prompts if p and not p.full and p.sign == sign]
        for sign in "$#%>"
    }
    if full and any(_plausible(line[p.end :], p) for p, line in full if p):
        accepted = {sign for sign in "$#" if any(typed(t) >= LIKELY for t in signs[sign])}
        if any(p and p.sign == "#" for p, _ in full) or "$" not in accepted:
            accepted = {s for s in accepted if s == "$" and len(full) < len(signs[s]) + 1}
        return Style(frozenset(accepted), True, True, True, 0.96, "lines begin with whole prompts")
    if signs["$"] and (session or script or any(typed(t) >= 0.3 for t in signs["$"])):
        rooted = [t for t in signs["#"] if typed(t) >= KNOWN and not is_remark(t)]
        if (
            not rooted
            or len(rooted) < len(signs["#"]) / 2
            or not (
                _position(shown, "#") < _position(shown, "$")
                and _sharp(shown, signs["#"], session=session, script=script)
            )
        ):
            best = max(typed(t) for t in signs["$"])
            return Style(
                frozenset("$"),
                True,
                True,
                True,
                0.95 if best >= LIKELY else 0.75,
                "lines begin with the prompt '$ '",
            )
        return Style(
            frozenset("$#"), True, True, True, 0.88, "lines begin with the prompts '# ' and '$ '"
        )
    if signs["#"] and (sure := _sharp(shown, signs["#"], session=session, script=script)):
        return Style(frozenset("#"), True, True, True, sure, "lines begin with root's prompt '# '")
    for sign in "%>":
        texts = signs[sign]
        if (
            texts
            and all(typed(t) >= LIKELY and "> " not in t for t in texts)
            and shown[0].startswith(sign)
        ):
            return Style(
                frozenset(sign), confidence=0.85, reason=f"lines begin with the prompt '{sign} '"
            )
    named = [(p, line[p.end :]) for line in shown if (p := shellprompt.named(line))]
    if named and program(named[0][1]) in ROUTER:
        named = []
    spaced = [
        p
        for p, line in ((shellprompt.named(line), line) for line in shown)
        if p and line[len(p.host or "")] == " "
    ]
    if spaced and (len(named) < len(shown) or not all(typed(t) >= KNOWN for _, t in named)):
        named = []
    if (
        named
        and shown[0].startswith(named[0][0].host or " ")
        and max(typed(t) for _, t in named) >= LIKELY
    ):
        return Style(
            hosts=True,
            full=True,
            confidence=0.85,
            reason="lines begin with a host's name and a sign",
        )
    damaged = [line[p.end :] for line in shown if (p := shellprompt.damaged(line))]
    if (
        damaged
        and shown[0][:1] in "#$"
        and all(typed(t) >= KNOWN and known(program(t)) for t in damaged)
    ):
        return Style(
            frozenset("#$"),
            True,
            False,
            True,
            0.8,
            "lines begin with a prompt that lacks its blank",
        )
    return None


def _plausible(text: str, shown: ShellPrompt) -> bool:
    return not text.strip() or shown.user is not None or typed(text) >= 0.3


def _position(lines: Sequence[str], sign: str) -> int:
    return next((n for n, line in enumerate(lines) if line.startswith(f"{sign} ")), len(lines))


def _sharp(lines: Sequence[str], texts: Sequence[str], *, session: bool, script: bool) -> float:
    """Return how certain it is that `# ` is a prompt here; 0 if it begins remarks."""
    commands = [t for t in texts if t and not is_remark(t)]
    strong = [t for t in commands if typed(t) >= LIKELY]
    if not commands or (not strong and not session and not _lone(lines, commands)):
        return 0.0
    if (
        not session
        and len(strong) * 2 < len([t for t in texts if t.strip()])
        and not _remarks(texts)
    ):
        return 0.0
    # Below a here-document or a continuation nothing tells a prompt.
    others = _others(lines)
    typing = [line for line in others if typed(line) >= LIKELY and not line[:1].isspace()]
    if session:
        # A transcript needs no prompt to be believed, but a script with remarks looks the same.
        if typing and not strong:
            return 0.0
        return 0.93 if strong else 0.7
    if len(typing) and len(typing) >= len(others) * 0.6:
        return 0.0
    settings = [
        line for line in others if re.match(r"\s*(?:[\w.-]+\s*[=:]|\[[\w ]+\]\s*$|<)", line)
    ]
    first = next((line for line in lines if line.strip()), "")
    if settings and len(settings) > len(others) / 2 and not first.startswith("# "):
        return 0.0
    sentences = sum(sentence(t) for t in texts)
    if script:
        return 0.85 if not sentences else 0.75
    return 0.9 if not sentences else 0.82


def _lone(lines: Sequence[str], commands: Sequence[str]) -> bool:
    """Tell whether all of a block is one short unknown command behind a prompt."""
    return (
        len(commands) == 1
        and len(lines) == 1
        and 1 < len(commands[0].split()) < 5
        and commands[0][:1].islower()
    )


def _remarks(texts: Sequence[str]) -> bool:
    """Tell whether what is no command in `texts` is a remark in another script or a short one."""
    rest = [t for t in texts if t and t.isascii() and typed(t) < LIKELY]
    return all(len(t.split()) < 9 for t in rest) and len(rest) <= len(texts) / 2 + 1


def _others(lines: Sequence[str]) -> list[str]:
    """Return the lines without prompt that continue nothing."""
    found = []
    goes_on = False
    delimiter = ""
    for line in lines:
        if delimiter:
            if line.strip() == delimiter:
                delimiter = ""
            continue
        if not goes_on and not line.startswith("#"):
            found.append(line)
        goes_on = line.rstrip().endswith("\\")
        if here := re.search(r"<<-?\s*['\"]?(\w+)['\"]?", line):
            delimiter = here[1]
    return found
