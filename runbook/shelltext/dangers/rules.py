"""Rules for programs whose danger is not a matter of words: one small function each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from runbook.shelltext.dangers.targets import DEVICE, VITAL, is_system
from runbook.shelltext.program import Program

_SYSTEM: Final = re.compile(
    r"/(?:\*|(?:bin|boot|dev|etc|home|lib|lib64|opt|root|sbin|srv|usr|var)\b.*)?"
)
_REMOTE: Final = re.compile(
    r"sshd?|networking|network|NetworkManager|systemd-networkd|wicked|openvswitch(?:-switch)?"
)
_ENDS: Final = re.compile(r"(?:reboot|poweroff|halt|kexec|rescue|emergency|shutdown)(?:\.|\Z)")
_DD_READS: Final = re.compile(r"(?:if|bs|ibs|obs|count|skip|seek|conv|status|iflag|oflag)=")
_CODE: Final = re.compile(
    r"\b(?:system|exec\w*|popen|subprocess|spawn\w*|fork|eval|compile|getattr|__import__"
    r"|unlink|rmtree|remove|rmdir|rename|truncate|qx|run_command|shell_exec|passthru|fdelete"
    r"|b64decode|decode|fromhex|chr)\b\s*[(\[{'\"/|<.]|`|\bqx\b|\bopen\s*\(|\bos\."
)
_AWK: Final = re.compile(r"\bsystem\s*\(|\|\s*&?\s*(?:\"|getline|\w+\s*[;}]|\w+$)|\"\s*\|")
_SED_RUNS: Final = re.compile(
    r"\s*(?:(?:\d+|\$|/(?:[^/\\]|\\.)*/)(?:,(?:\d+|\$|/(?:[^/\\]|\\.)*/))?)?\s*!?\s*"
    r"(?:e(?:\s|\Z)|s([^\w\s\\])(?:(?!\1)[^\\]|\\.)*\1(?:(?!\1)[^\\]|\\.)*\1[gpIiMm\d]*e)"
)
_SED_WRITES: Final = re.compile(r"\bw\s*/dev/(?!std)")

RuleFunction = Callable[[Program], str]
"""Returns what is dangerous about a program with its arguments, or an empty string."""


def _rm(program: Program) -> str:
    words = program.words[1:]
    if program.has_option("rR", "--recursive"):
        return "deletes directories with all their contents"
    if any(_SYSTEM.fullmatch(path) for path in program.operands):
        return "deletes system files"
    if any(path.endswith("authorized_keys") for path in program.operands):
        return "may lock out the operator"
    if program.starter:
        return f"deletes whatever {program.starter} passes to it"
    if any(word.is_pattern for word in words):
        return "deletes all files that match a pattern"
    if any(not word.known and word.parts[0].written[:1] in ("$", "`", "") for word in words):
        return "deletes what cannot be told here"
    return ""


def _find(program: Program) -> str:
    if "-delete" in program.arguments:
        return "deletes everything it finds"
    writes = {"-fprint", "-fprintf", "-fls", "-fprint0"} & set(program.arguments)
    return "overwrites a file" if writes and any(map(DEVICE.match, program.arguments)) else ""


def _dd(program: Program) -> str:
    for argument in program.arguments:
        if argument.startswith("of=") and argument[3:] not in ("/dev/null", "/dev/stdout"):
            return f"overwrites {argument[3:]}"
    if any(word.parts and not _DD_READS.match(word.text) for word in program.words[1:]):
        return "overwrites what cannot be told here"
    return ""


def _parted(program: Program) -> str:
    read_only = {"print", "unit", "p", "help", "align-check"}
    commands = [word for word in program.operands[1:] if word.isalpha()]
    if program.has_option("l", "--list") or not program.operands:
        return ""
    return "" if commands and commands[0] in read_only else "changes the partitions of a disk"


def _writes_target(program: Program) -> str:
    targets = program.operands if program.name == "tee" else program.operands[-1:]
    if program.name != "tee" and program.has_option("t", "--target-directory"):
        targets = program.operands
    for target in targets:
        if DEVICE.fullmatch(target):
            return f"overwrites the device {target}"
        if target == "/dev/null" and program.name == "mv":
            return "deletes the files it moves"
        if VITAL.fullmatch(target) and not program.has_option("a", "--append"):
            return f"replaces {target}, which the system may need to boot"
        if target == "/proc/sysrq-trigger":
            return "triggers a SysRq function of the kernel"
    if program.name == "mv" and any(
        is_system(path) or VITAL.fullmatch(path) for path in program.operands[:-1]
    ):
        return "moves away what the system needs"
    return ""


def _systemctl(program: Program) -> str:
    verb, *units = program.operands or ("",)
    if verb in ("start", "set-default") and any(map(_ENDS.match, units)):
        return "stops everything on the machine"
    return _service_ends(verb, units)


def _service(program: Program) -> str:
    return _service_ends((program.operands[1:2] or ("",))[0], program.operands[:1])


def _service_ends(verb: str, units: Sequence[str]) -> str:
    for unit in (unit.removesuffix(".service").removesuffix(".socket") for unit in units):
        network = _REMOTE.fullmatch(unit) and not unit.startswith("ssh")
        if _REMOTE.fullmatch(unit) and verb in ("stop", "disable", "mask", "kill"):
            return f"may lock out the operator: {verb} of {unit}"
        if network and verb in ("restart", "reload-or-restart", "try-restart", "force-reload"):
            return f"may lock out the operator: {verb} of {unit}"
    return ""


def _shutdown(program: Program) -> str:
    return "" if program.has_option("c") else "stops everything on the machine"


def _kill(program: Program) -> str:
    pids = [a for n, a in enumerate(program.arguments) if n or not a.startswith("-")]
    ends = "1" in pids or ("-1" in pids and len(program.arguments) > 1)
    return "kills process 1" if ends else ""


def _recursive_permissions(program: Program) -> str:
    computed = any(not word.known and word.text[:1] in "$`" for word in program.words[1:])
    if not (program.has_option("R", "--recursive") or computed):
        return ""
    found = any(map(is_system, program.operands))
    return "changes permissions of system files" if found else ""


def _iptables(program: Program) -> str:
    given = program.arguments
    dropped = ("-P" in given or "--policy" in given) and {"DROP", "REJECT"} & set(given)
    return "may lock out the operator" if dropped else ""


def _size(program: Program, *options: str) -> str | None:
    """Return the value of one of the options, or `None`."""
    given = program.arguments
    for number, argument in enumerate(given):
        for option in options:
            if argument == option:
                return (given[number + 1 : number + 2] or ("",))[0]
            joined = f"{option}=" if option.startswith("--") else option
            if argument.startswith(joined):
                return argument[len(joined) :]
    return None


def _lvresize(program: Program) -> str:
    size = _size(program, "-L", "-l", "--size", "--extents")
    shrinks = size is not None and not size.startswith("+")
    return "may shrink a volume below the size of its data" if shrinks else ""


def _resize2fs(program: Program) -> str:
    shrinks = len(program.operands) > 1 or program.has_option("M")
    return "may shrink a file system below the size of its data" if shrinks else ""


def _truncate(program: Program) -> str:
    size = _size(program, "-s", "--size")
    cuts = size is not None and size.lstrip("0")[:1] in ("", "-", "<", "/")
    return "cuts off the end of a file" if cuts else ""


def _filesystem_resize(program: Program) -> str:
    sizes = [
        word for word in program.arguments if re.fullmatch(r"(?:\d+:)?-?\d+[kKmMgGtTpP]?", word)
    ]
    found = "resize" in program.operands and bool(sizes)
    return "may shrink a file system below the size of its data" if found else ""


def _curl(program: Program) -> str:
    method = _size(program, "-X", "--request") or _size(program, "--method") or ""
    return "deletes something through an API" if method.upper() == "DELETE" else ""


def _code(program: Program) -> str:
    texts = [word.text for word in program.words[1:] if " " in word.text or "(" in word.text]
    texts += program.inputs
    if program.piped_from is not None and program.piped_from.name in ("echo", "printf"):
        texts.append(" ".join(program.piped_from.operands))
    return "runs what only its own language can tell" if any(map(_CODE.search, texts)) else ""


def _awk(program: Program) -> str:
    texts = program.operands[:1]
    return "starts programs of its own" if any(map(_AWK.search, texts)) else ""


def _sed(program: Program) -> str:
    lines = (line for word in program.arguments for line in re.split(r"[;\n{}]", word))
    found = any(_SED_RUNS.match(line) or _SED_WRITES.search(line) for line in lines)
    return "starts programs of its own" if found else ""


WRITES: Final = frozenset(
    {"rm", "rmdir", "unlink", "find", "dd", "tee", "sponge", "cp", "mv", "ln", "install"}
    | {"chmod", "chown", "chgrp", "chattr", "setfacl", "truncate"}
)
"""Programs whose words are no verbs, but name what may be lost."""

FUNCTIONS: dict[str, RuleFunction] = {
    "rm": _rm,
    "rmdir": lambda p: "deletes system files" if any(map(is_system, p.operands)) else "",
    "unlink": _rm,
    "find": _find,
    "dd": _dd,
    "dcfldd": _dd,
    "parted": _parted,
    "systemctl": _systemctl,
    "service": _service,
    "rc-service": _service,
    "shutdown": _shutdown,
    "kill": _kill,
    "chmod": _recursive_permissions,
    "chown": _recursive_permissions,
    "chgrp": _recursive_permissions,
    "chattr": _recursive_permissions,
    "setfacl": _recursive_permissions,
    "iptables": _iptables,
    "ip6tables": _iptables,
    "tee": _writes_target,
    "sponge": _writes_target,
    "cp": _writes_target,
    "mv": _writes_target,
    "ln": _writes_target,
    "install": _writes_target,
    "lvresize": _lvresize,
    "resize2fs": _resize2fs,
    "truncate": _truncate,
    "btrfs": _filesystem_resize,
    "curl": _curl,
    "wget": _curl,
    "http": _curl,
    "python": _code,
    "python2": _code,
    "python3": _code,
    "perl": _code,
    "ruby": _code,
    "php": _code,
    "node": _code,
    "lua": _code,
    "tclsh": _code,
    "expect": _code,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
    "sed": _sed,
}
"""Rules by the name of the program; the others are in `lists/programs.txt`."""
