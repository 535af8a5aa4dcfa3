"""What the text around a block says of it: run this, it prints this, the file looks like this."""

from __future__ import annotations

import enum
import re
from typing import Final

from attrs import frozen

from runbook.console.block import Block


class Expected(enum.Enum):
    """What a sentence announces."""

    COMMANDS = "commands"
    OUTPUT = "output"
    FILE = "file"
    SYNOPSIS = "synopsis"
    WARNING = "warning"
    NOTHING = "nothing"


@frozen
class Hints:
    """What is announced, and what else the text says of the block.

    `path` is the file that is spoken of, `section` its part. `hosts` are as the text calls
    them. `choice` names the alternative that the block belongs to. `fails` if the sentence
    speaks of failing, `adds` if it speaks of adding lines to a file.
    """

    expected: Expected = Expected.NOTHING
    path: str | None = None
    section: str | None = None
    hosts: tuple[str, ...] = ()
    choice: str | None = None
    fails: bool = False
    adds: bool = False


_SPLIT: Final = re.compile(r"(?<=[.!?。])\s+")
_FORBIDDEN: Final = re.compile(
    r"\b(?:do not|don't|never|must not|should not)\s+(?:\w+\s+){0,1}(?:run|running|type|execut\w+|do|try)\b(?!.*\b(?:instead|but|unless)\b)"
    r"|\b(?:this|following)\s+(?:\w+\s+){0,2}(?:is|are|would be|will|does|do)\s+(?:wrong|incorrect|invalid|not (?:work|valid|supported|allowed|possible))\b"
    r"|\b(?:wrong|incorrect|bad|invalid)\s+(?:way|example|usage|use|command|syntax)\b",
    re.IGNORECASE,
)
_ADDS: Final = re.compile(
    r"\b(?:add|append|insert|put|place|adding|appending|includ\w+)\b.{0,60}\b(?:to|in|into|at the end of|of)\b.{0,60}[~/]",
    re.IGNORECASE,
)
_FAILS: Final = re.compile(
    r"\b(?:fail\w*|refus\w+|reject\w+|denied|deny|errors?|will not|cannot|can't|unable|not allowed|no longer)\b",
    re.IGNORECASE,
)
_SYNOPSIS: Final = re.compile(
    r"\b(?:syntax|usage|synopsis|general form|of the form|in the form|format(?: is)?)\b|following format",
    re.IGNORECASE,
)
_OUTPUT: Final = re.compile(
    r"\b(?:outputs?|prints?|returns?|returned|results? in|result|respon(?:se|ds?)|looks? (?:something )?like|looks? as|similar to|something like"
    r"|(?:should|will|can|might|may|you) see|shows? the following|displays?|displayed|reports?|logs?|error|messages?|produces?|yields?|warning|appears?)\b"
    r"|输出|显示|结果",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    r"\b(?:files?|contents?|containing|contains|config(?:uration)?|section|stanza|lines?|options?|parameters?|settings?|playbook|template|inventory"
    r"|unit|manifest|yaml|json|ini|xml|variables?|set the|defin(?:e|ed|ing)|entr(?:y|ies)|rules?|pillar|policy|definition|snippet)\b|文件|配置",
    re.IGNORECASE,
)
_COMMAND: Final = re.compile(
    r"\b(?:run|runs|running|execut\w+|issue|issuing|type|enter|us(?:e|ing)|invok\w+|launch\w*|start\w*|restart\w*|install\w*|command|commands|perform"
    r"|calling|call|creat\w+|add|remov\w+|delet\w+|updat\w+|upgrad\w+|check|verify|list|enabl\w+|disabl\w+|copy|download|build|generat\w+|stop|mount|do|with"
    r"|chang\w+|reload|set|get|configur\w+|show|view|display|initiali[sz]e|deploy\w*|clone|source|test|find|make|determine|query|steps?|log in|via|by|to)\b"
    r"|运行|执行|安装|命令|启用|设置|如下",
    re.IGNORECASE,
)
_PATH: Final = re.compile(
    r"(?<![A-Za-z0-9_/.<{:-])(?:(?P<host>[a-z][a-z0-9.-]*):)?(?P<path>(?:~|\$\{?\w+\}?)?/(?:[\w.@+{}<>*-]+/)*[\w.@+{}<>-]*[\w}>])(?![\w/])",
    re.ASCII,
)
_ITSELF: Final = re.compile(r"(?:\S+:)?(?P<path>(?:~|/)[^\s]*)\Z")
_SECTION: Final = re.compile(
    r"\[(?P<a>[\w:. -]+)\]`* section|section `*\[(?P<b>[\w:. -]+)\]|section `*(?P<c>\w+)`* of"
)
_HOST: Final = re.compile(
    r"\bon (?P<which>the|each|every|all|your|one of the|any|both|either|a)(?: of the| the)? (?P<names>(?:[\w-]+ ){0,3}?)"
    r"(?P<noun>nodes?|hosts?|servers?|machines?|box(?:es)?|controllers?|computes?|hypervisors?|members?|minions?|master|client|engine)\b",
    re.IGNORECASE,
)
_NAMED_HOST: Final = re.compile(r"\bon (?:the host )?(?P<name>[a-z]+-?\d+(?:\.[\w.-]+)?)\b")
_CHINESE_HOST: Final = re.compile(
    r"在\s*(?P<name>[A-Za-z][A-Za-z0-9.-]*)\s*(?:上|中)|(?P<all>每一?台|所有(?:机器|主机|节点|服务器))"
)
_SYSTEMS: Final = re.compile(
    r"\b(?:debian|ubuntu|rhel|red ?hat|centos|fedora|suse|opensuse|sles|rocky|alma|oracle linux|arch|gentoo|alpine|freebsd|openbsd|macos|os x|windows|solaris"
    r"|apt|yum|dnf|zypper|deb|rpm|amazon linux|el\d|mac)\b",
    re.IGNORECASE,
)
_EITHER: Final = re.compile(
    r"\b(?:or|alternatively|either|otherwise|instead)\b|或者?[，,:]?\s*$", re.IGNORECASE
)


def hints(block: Block) -> Hints:
    """Return what the surroundings of `block` say of it."""
    last = _last_sentence(block.before)
    found = _PATH.findall(last) or _PATH.findall(block.before)
    path = block.path or (found[-1][1] if found else None)
    section = _SECTION.search(block.before)
    return Hints(
        expected=_expected(last, block.before),
        path=path,
        section=next((g for g in section.groups() if g), None) if section else None,
        hosts=_hosts(block, found),
        choice=_choice(block, last),
        fails=bool(_FAILS.search(last)),
        adds=bool(found and _ADDS.search(last)),
    )


def _last_sentence(text: str) -> str:
    return _SPLIT.split(text.strip())[-1] if text.strip() else ""


def _expected(last: str, whole: str) -> Expected:
    if _FORBIDDEN.search(last):
        return Expected.WARNING
    if _SYNOPSIS.search(last):
        return Expected.SYNOPSIS
    # The words nearest to the block decide: `run X, which prints:` announces output.
    scores = {
        kind: max((m.start() for m in pattern.finditer(last)), default=-1)
        for kind, pattern in (
            (Expected.OUTPUT, _OUTPUT),
            (Expected.FILE, _FILE),
            (Expected.COMMANDS, _COMMAND),
        )
    }
    best = max(scores, key=lambda kind: scores[kind])
    if scores[best] >= 0:
        return best
    return Expected.COMMANDS if _COMMAND.search(whole) else Expected.NOTHING


def announces(text: str, kind: Expected) -> bool:
    """Tell whether the last sentence of `text` speaks of `kind` at all."""
    pattern = {Expected.OUTPUT: _OUTPUT, Expected.FILE: _FILE, Expected.COMMANDS: _COMMAND}[kind]
    return bool(pattern.search(_last_sentence(text)))


def _hosts(block: Block, paths: list[tuple[str, str]]) -> tuple[str, ...]:
    for text in (block.before, *reversed(block.labels), *reversed(block.headings)):
        named = [m["name"] for m in _NAMED_HOST.finditer(text)]
        named += ["all" if m["all"] else m["name"] for m in _CHINESE_HOST.finditer(text)]
        if named:
            return tuple(dict.fromkeys(named))
        if found := list(_HOST.finditer(text)):
            return tuple(dict.fromkeys(_role(m) for m in found))
    return tuple(dict.fromkeys(host for host, _ in paths if host and "." not in host[:1]))[:1]


def _role(found: re.Match[str]) -> str:
    names = found["names"].strip().lower()
    noun = found["noun"].lower()
    every = found["which"].lower() in ("each", "every", "all", "both", "any")
    if names:
        return f"all {names}" if every else names
    return "all" if every else noun


def _choice(block: Block, last: str) -> str | None:
    for label in reversed(block.labels):
        if _SYSTEMS.search(label):
            return label
    if last and _SYSTEMS.search(last) and len(last) < 80:
        return last.rstrip(":").strip()
    if block.headings and _SYSTEMS.search(block.headings[-1]):
        return block.headings[-1]
    return last.rstrip(":").strip() if last and len(last) < 60 and _EITHER.match(last) else None


def path_itself(text: str) -> str | None:
    """Return the path if `text` is nothing but one, maybe with a host in front."""
    found = _ITSELF.match(text.strip())
    return found["path"] if found else None
