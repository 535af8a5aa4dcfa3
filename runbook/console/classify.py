"""Decide what a block is, from its language, its prompts, its words and what announces it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve, frozen

from runbook.console import repl
from runbook.console.block import Block
from runbook.console.entries import Entry, script, split
from runbook.console.style import Style, style_of
from runbook.console.surroundings import Expected, Hints, announces
from runbook.console.words import KNOWN, LIKELY, sentence, typed
from runbook.model import Kind

SHELLS: Final = frozenset(
    {"bash", "sh", "shell", "zsh", "ksh", "csh", "tcsh", "fish", "shell script"}
)
"""Languages of commands."""

SESSIONS: Final = frozenset(
    {
        "console",
        "shell-session",
        "shellsession",
        "bash-session",
        "terminal",
        "shell-example",
        "sh-session",
    }
)
"""Languages of transcripts."""

UNSURE: Final = frozenset(
    {
        "",
        "default",
        "none",
        "text",
        "txt",
        "plain",
        "plaintext",
        "guess",
        "python3",
        "output",
        "default-python",
        "raw",
        "rst",
        "rest",
    }
)
"""Languages that say nothing."""

_DATA: Final = frozenset(
    {
        "ini",
        "cfg",
        "conf",
        "config",
        "yaml",
        "yml",
        "json",
        "xml",
        "toml",
        "apache",
        "apacheconf",
        "nginx",
        "jinja",
        "yaml+jinja",
        "properties",
        "systemd",
        "diff",
        "udiff",
        "html",
        "css",
        "text+jinja",
        "jinja2",
        "desktop",
        "squidconf",
        "docker",
        "dockerfile",
        "make",
        "hcl",
        "terraform",
        "dosini",
        "registry",
        "sls",
        "frr",
        "lighttpd",
        "puppet",
        "vcl",
        "bind",
    }
)
_SETTING: Final = re.compile(
    r"\s*(?:[\w.\-/ ]{1,60}\s*[=:](?:\s|\Z)|[\w.-]+=\S|\[[^\]]+\]\s*\Z|</?[\w!?]|[{}\[\]],?\s*\Z|\"[\w.-]+\"\s*:|- [\w{'\"]|[#;!]|\w[\w.-]*\s+\{\s*\Z)"
)
_SHEBANG: Final = re.compile(r"#!\s*/")
_WINDOWS: Final = re.compile(
    r"(?:PS )?[A-Z]:\\[^>]*>|(?:^|.*[|=] |.*\n)\$\w+ = |(?:.*\n)*(?:[A-Z][a-z]+){1,2}-[A-Z]\w+ -[A-Z]"
)
_PRINTED: Final = re.compile(
    r"\s*(?:[|+]|[-=~*_]{3,}|[{}\[\]<>\"]|\d+[\s.:,)%/]|\S+:(?:\s|\Z)|\[\s*\w+\s*\]|(?:INFO|WARN|ERROR|DEBUG|HEALTH_)\w*\b|[-dlcbps][rwxsStT-]{9})"
)
_EDITOR: Final = re.compile(r"(?:sudo )?(?:vi|vim|nano|emacs|gedit|\$EDITOR) (?P<path>\S+)\Z")
_SHOWN: Final = re.compile(r"(?:sudo )?(?:cat|more|less) (?P<path>[\w./~$+-]+)\Z")
_ERROR: Final = re.compile(
    r"(?i)\b(?:error|fail|cannot|denied|refused|not |unable|invalid|exception|conflict)"
)
_SILENT: Final = re.compile(
    r"(?:sudo )?(?:yum|apt|apt-get|dnf|service|systemctl|chkconfig|mkdir|chown|chmod|cp|mv|rm|cd|ln|touch|export|tar|useradd|mount|umount|setenforce|sysctl|swapoff|pip|wget|source|\.)\s"
)


@frozen
class Verdict:
    """What a block is, how certainly and why.

    `entries` are what is typed at a shell, `typed` what is typed into a program that was open
    before. A file block is `uncertain_file` if nothing says that its path is meant.
    """

    kind: Kind
    confidence: float
    reason: str
    entries: tuple[Entry, ...] = ()
    typed: tuple[str, ...] = ()
    uncertain_file: bool = False
    path: str | None = None


def classify(block: Block, said: Hints, program: str) -> Verdict:
    """Return what `block` is; `program` is one that an earlier block left open."""
    lines = _dedented(block.text.split("\n"))
    if block.directive == "prompt":
        return _prompted(block, lines)
    language = (block.language or "").lower().strip()
    inherited = not language
    if inherited and block.default.lower() in SHELLS | SESSIONS:
        language = block.default.lower()
    found = _of_language(block, lines, language, said, program)
    if found.entries and said.expected is Expected.WARNING:
        return Verdict(Kind.OTHER, 0.6, "the text warns of doing this")
    if (
        said.fails
        and len(found.entries) == 1
        and any(_ERROR.search(o) for o in found.entries[0].output)
    ):
        return Verdict(Kind.OUTPUT, 0.6, "the text shows how this fails")
    return _edited(found, said)


def _edited(found: Verdict, said: Hints) -> Verdict:
    """Return `found`, or the file block that an editor's name and a fragment make up."""
    last = found.entries[-1] if found.entries else None
    if len(found.entries) != 1 or last is None or not any(o.strip() for o in last.output):
        return found
    edits = _EDITOR.match(last.text)
    shows = _SHOWN.match(last.text)
    if shows and said.expected is Expected.FILE:
        return Verdict(
            Kind.FILE, 0.7, f"the text of {shows['path']} is what matters", path=shows["path"]
        )
    if not edits:
        return found
    return Verdict(
        Kind.FILE,
        0.85,
        f"an editor opens {edits['path']}, and its text follows",
        path=edits["path"],
    )


def _dedented(lines: list[str]) -> list[str]:
    """Return `lines` without the indentation of the first, as after a paragraph that moved in."""
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    if not indent:
        return lines
    return [line[indent:] if not line[:indent].strip() else line for line in lines]


def _of_language(
    block: Block, lines: list[str], language: str, said: Hints, program: str
) -> Verdict:
    session, shell = language in SESSIONS, language in SHELLS
    if _WINDOWS.match(block.text.lstrip()):
        return Verdict(Kind.OTHER, 0.9, "these are commands of another system")
    if not (session or shell or language in UNSURE):
        return _foreign(lines, language, said, program)
    if _SHEBANG.match(block.text.lstrip()) and not session:
        return Verdict(Kind.FILE, 0.9, "a script that begins with its interpreter is a file")
    if block.path and not session and (not shell or not _commanding(lines)):
        return Verdict(Kind.FILE, 0.9, f"the text names {block.path} as the block's title")
    style = style_of(lines, session=session, script=shell)
    if said.adds and not style and language not in SESSIONS:
        return Verdict(Kind.FILE, 0.75, f"the text says to add this to {said.path}")
    if style:
        return _transcript(lines, style, program)
    typing = repl.typed_in(lines, program)
    if typing is not None:
        return Verdict(
            Kind.DIALOGUE,
            0.85,
            "these lines are typed into a program that is open",
            typed=tuple(typing),
        )
    if shell or session:
        return _script(lines, said, block, session=session)
    return _unsure(lines, said, block)


def _prompted(block: Block, lines: list[str]) -> Verdict:
    language = block.options.get("language", "bash")
    prompts = block.options.get("prompts", "")
    if re.match(r"[$#] ", lines[0]) and (inside := style_of(lines, session=True, script=False)):
        return _transcript(lines, inside, "")
    if language not in SHELLS | SESSIONS | {""}:
        texts = tuple(line.strip() for line in lines if line.strip())
        return Verdict(
            Kind.DIALOGUE, 0.9, f"what is typed at the prompt of {language}", typed=texts
        )
    if "auto" in block.options.get("modifiers", ""):
        style = style_of(lines, session=True, script=False) or Style(
            frozenset("$#"),
            full=True,
            confidence=0.9,
            reason="the directive says what its prompts are",
        )
        return _transcript(lines, style, "")
    entries = [e for e in script(lines) if e.text[0] not in "*+|"]
    if prompts and "#" in prompts:
        return Verdict(
            Kind.COMMANDS, 0.97, "the directive says that root types this", tuple(entries)
        )
    return Verdict(
        Kind.COMMANDS, 0.97, "the directive says that this is typed at a prompt", tuple(entries)
    )


def _foreign(lines: list[str], language: str, said: Hints, program: str) -> Verdict:
    first = next((line for line in lines if line.strip()), "")
    style = style_of(lines, session=False, script=False)
    if (
        style
        and style.confidence > 0.8
        and "#" not in style.signs
        and (first.startswith("$ ") or style.full)
        and not first.startswith("#")
    ):
        transcript = _transcript(lines, style, program)
        if transcript.entries and typed(transcript.entries[0].text) >= LIKELY:
            return evolve(
                transcript,
                confidence=min(transcript.confidence, 0.8),
                reason=f"{transcript.reason}, though its language is said to be {language}",
            )
    if language in ("sql", "mysql", "postgresql", "psql") and program:
        texts = tuple(line.strip() for line in lines if line.strip())
        return Verdict(Kind.DIALOGUE, 0.7, f"typed into {program}, which is open", typed=texts)
    typing = (
        repl.typed_in(lines, program) if language not in ("python", "pycon", "python3") else None
    )
    if typing:
        return Verdict(
            Kind.DIALOGUE,
            0.8,
            "these lines are typed into a program that is open",
            typed=tuple(typing),
        )
    if language in _DATA or (said.path and said.expected is Expected.FILE):
        return Verdict(
            Kind.FILE,
            0.9 if said.path else 0.75,
            f"its language is {language}",
            uncertain_file=said.expected is not Expected.FILE,
        )
    return Verdict(Kind.OTHER, 0.95, f"its language is {language}")


def _transcript(lines: list[str], style: Style, program: str) -> Verdict:
    preamble, entries = split(lines, style.prompt)
    if not entries:
        return Verdict(Kind.OUTPUT, 0.6, "a prompt, and nothing typed")
    entries = _with_missed(entries, lines)
    confidence, reason = style.confidence, style.reason
    lead = script(list(preamble))
    if (
        lead
        and len(lead) <= 2
        and all(typed(e.text) >= KNOWN and not sentence(e.text) for e in lead)
    ):
        entries = [*(evolve(e, notes=(*e.notes, "its prompt is missing")) for e in lead), *entries]
    weakest = min(typed(e.text) for e in entries)
    if weakest < 0.3:
        confidence = min(confidence, 0.7)
        reason += "; some of what is typed looks unusual"
    output = any(line.strip() for e in entries for line in e.output)
    return Verdict(Kind.TRANSCRIPT if output else Kind.COMMANDS, confidence, reason, tuple(entries))


def _with_missed(entries: list[Entry], lines: list[str]) -> list[Entry]:
    """Return `entries` with a command whose prompt the author forgot."""
    printed = [line for e in entries for line in e.output if line.strip()]
    if not printed or len(printed) > 2 or len(entries) < 2:
        return entries
    if not all(
        typed(line) >= KNOWN and not line[:1].isspace() and _SILENT.match(line) for line in printed
    ):
        return entries
    found: list[Entry] = []
    for entry in entries:
        if not entry.output or not _SILENT.match(entry.text):
            found.append(entry)
            continue
        found.append(evolve(entry, output=()))
        offset = entry.offset + entry.text.count("\n") + 1
        for more in script(lines[offset : offset + len(entry.output)]):
            found.append(
                evolve(more, offset=offset + more.offset, notes=("its prompt is missing",))
            )
    return found


def _commanding(lines: Sequence[str]) -> bool:
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return typed(first) >= KNOWN


def _script(lines: list[str], said: Hints, block: Block, *, session: bool) -> Verdict:
    """Read a block whose language is a shell's, and that shows no prompt."""
    entries = repl.within(script(lines))
    if not entries:
        return Verdict(Kind.OTHER, 0.6, "nothing in it is a command")
    likeness = [typed(e.text.splitlines()[0]) for e in entries]
    where = "a transcript's" if session else "a shell's"
    settings = sum(bool(_SETTING.match(line)) for line in lines if line.strip())
    total = sum(bool(line.strip()) for line in lines)
    if all(x >= LIKELY for x in likeness):
        return Verdict(
            Kind.COMMANDS,
            0.9 if not session else 0.85,
            f"its language is {where}, and every line looks typed",
            tuple(entries),
        )
    assignments = all(re.match(r"[A-Za-z_]\w*=\S*\Z", e.text) for e in entries)
    if (
        said.expected is Expected.FILE
        and (assignments or settings > total / 3)
        and likeness[0] < 0.8
    ):
        return Verdict(Kind.FILE, 0.75, "settings that belong into a file")
    if likeness[0] < 0.3 and session:
        return Verdict(
            Kind.OUTPUT,
            0.8,
            "its language is a transcript's, and its first line does not look typed",
        )
    if session and max(likeness) < LIKELY and len(entries) > 1:
        return Verdict(Kind.OUTPUT, 0.7, "its language is a transcript's, and no line looks typed")
    if likeness[0] < 0.8 and said.expected is Expected.OUTPUT:
        return Verdict(
            Kind.OUTPUT, 0.75, "the text announces output, and the first line does not look typed"
        )
    kept = _typed_part(entries, lines, session=session)
    if not kept:
        return Verdict(Kind.OUTPUT, 0.65, "no line of it looks typed")
    first = typed(kept[0].text)
    confidence = 0.8 if first >= LIKELY else 0.6
    if any(e.output for e in kept):
        return Verdict(
            Kind.TRANSCRIPT,
            min(confidence, 0.75),
            f"its language is {where}; what looks typed is told from output by its words",
            tuple(kept),
        )
    return Verdict(Kind.COMMANDS, confidence, f"its language is {where}", tuple(kept))


def _typed_part(entries: Sequence[Entry], lines: list[str], *, session: bool) -> list[Entry]:
    """Return the entries that look typed, each with the lines behind it that do not."""
    kept: list[Entry] = []
    printing = False
    for entry in entries:
        line = entry.text.splitlines()[0]
        raw = lines[entry.offset]
        likeness = typed(line)
        printed = bool(_PRINTED.match(raw)) or raw[:1].isspace() or sentence(line)
        blank = entry.offset == 0 or not lines[entry.offset - 1].strip()
        if printing:
            takes = likeness >= KNOWN and not raw[:1].isspace() and (blank or not session)
        elif kept and printed and likeness < LIKELY:
            takes = False
        else:
            takes = likeness >= 0.3 or (not printed and likeness > 0.05 and not session)
        if takes:
            kept.append(entry)
            printing = False
        elif kept:
            printing = True
            kept[-1] = evolve(kept[-1], output=(*kept[-1].output, *entry.text.splitlines()))
    return kept


def _unsure(lines: list[str], said: Hints, block: Block) -> Verdict:
    """Read a block without prompt of which nobody says what language it has."""
    shown = [line for line in lines if line.strip()]
    if not shown:
        return Verdict(Kind.OTHER, 1.0, "it is empty")
    entries = repl.within(script(lines))
    settings = sum(bool(_SETTING.match(line)) for line in shown)
    if not entries:
        return _not_typed(shown, settings, said)
    likeness = [typed(e.text.splitlines()[0]) for e in entries]
    indented = [e for e in entries if lines[e.offset][:1].isspace()]
    commanded = said.expected is Expected.COMMANDS or announces(block.before, Expected.COMMANDS)
    strong = [x >= KNOWN - 0.05 for x in likeness]
    prose = [sentence(e.text) for e in entries]
    if all(strong) and not any(prose) and not indented:
        confidence = 0.88 if commanded else 0.75
        return Verdict(
            Kind.COMMANDS, confidence, "every line begins with a well-known program", tuple(entries)
        )
    if (
        all(x >= LIKELY for x in likeness)
        and (commanded or any(strong))
        and not any(prose)
        and not indented
    ):
        return Verdict(
            Kind.COMMANDS, 0.8 if commanded else 0.65, "every line looks typed", tuple(entries)
        )
    if (
        likeness[0] >= 0.8
        and not prose[0]
        and not (settings > len(shown) / 2 and said.expected is Expected.FILE)
        and not lines[entries[0].offset][:1].isspace()
    ):
        kept = _typed_part(entries, lines, session=True)
        if kept and (commanded or said.expected is not Expected.FILE):
            output = any(e.output for e in kept)
            return Verdict(
                Kind.TRANSCRIPT if output else Kind.COMMANDS,
                0.7 if commanded else 0.6,
                "its first line looks typed, the others are told by their words",
                tuple(kept),
            )
    return _not_typed(shown, settings, said)


def _not_typed(shown: list[str], settings: int, said: Hints) -> Verdict:
    if said.expected is Expected.SYNOPSIS:
        return Verdict(Kind.SYNOPSIS, 0.7, "the text announces the general form of something")
    if said.expected is Expected.FILE or (
        settings > len(shown) / 2 and said.expected is not Expected.OUTPUT
    ):
        return Verdict(
            Kind.FILE,
            0.8 if said.path else 0.65,
            "settings that belong into a file",
            uncertain_file=said.expected is not Expected.FILE,
        )
    if said.expected is Expected.OUTPUT or any(_PRINTED.match(line) for line in shown):
        return Verdict(Kind.OUTPUT, 0.75, "nothing in it looks typed")
    return Verdict(Kind.OTHER, 0.6, "nothing in it looks typed")
