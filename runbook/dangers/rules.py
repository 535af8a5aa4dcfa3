"""What is dangerous about a program, by its name: one small function for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from runbook.programs import Program

_SYSTEM: Final = re.compile(
    r"/(?:\*|(?:bin|boot|dev|etc|home|lib|lib64|opt|root|sbin|srv|usr|var)\b.*)?"
)
_TOP: Final = re.compile(r"/(?:\*|(?:bin|boot|dev|etc|home|lib|lib64|root|sbin|usr|var)/?)?\*?")
VITAL: Final = re.compile(
    r"/etc/(?:fstab|passwd|shadow|group|gshadow|sudoers|crypttab|ssh/sshd_config)|/boot/.*"
)
DEVICE: Final = re.compile(
    r"/dev/(?!(?:null|zero|full|random|urandom|tty\w*|std(?:in|out|err)|console|kmsg|log|ptmx)\Z"
    r"|(?:fd|pts|shm|tcp|udp)/).+"
)
_REMOTE: Final = re.compile(r"sshd?|networking|network|NetworkManager|systemd-networkd")

Rule = Callable[[Program], str]
"""Says what is dangerous about a program with these arguments, or an empty text."""


def _always(reason: str) -> Rule:
    return lambda _: reason


def _words(reason: str, *alternatives: str) -> Rule:
    """Return a rule for operands among which are the words of an alternative."""

    def rule(program: Program) -> str:
        given = f" {' '.join(program.operands)} "
        return reason if any(f" {one} " in given for one in alternatives) else ""

    return rule


def _option(reason: str, short: str, *long: str) -> Rule:
    return lambda program: reason if program.has(short, *long) else ""


def _unless(reason: str, short: str, *long: str) -> Rule:
    """Return a rule for a program that changes something unless an option only lets it look."""
    return lambda program: "" if program.has(short, *long) or not program.operands else reason


def _rm(program: Program) -> str:
    if program.has("rR", "--recursive"):
        return "deletes directories with all that they hold"
    if any(_SYSTEM.fullmatch(path) for path in program.operands):
        return "deletes files of the system"
    if any(path in ("*", "./*") for path in program.operands):
        return "deletes all files of a directory"
    return ""


def _find(program: Program) -> str:
    return "deletes all that it finds" if "-delete" in program.arguments else ""


def _dd(program: Program) -> str:
    for argument in program.arguments:
        if argument.startswith("of=") and argument[3:] not in ("/dev/null", "/dev/stdout"):
            return f"writes over {argument[3:]}"
    return ""


def _parted(program: Program) -> str:
    looks = {"print", "unit", "p", "help", "align-check"}
    commands = [word for word in program.operands[1:] if word.isalpha()]
    if program.has("l", "--list") or not program.operands:
        return ""
    return "" if commands and commands[0] in looks else "changes the partitions of a disk"


def _copied(program: Program) -> str:
    targets = program.operands if program.name == "tee" else program.operands[-1:]
    for target in targets:
        if DEVICE.fullmatch(target):
            return f"writes over the device {target}"
        if target == "/dev/null" and program.name == "mv":
            return "deletes what it moves"
        if VITAL.fullmatch(target) and not program.has("a", "--append"):
            return f"replaces {target}, without which the system may not start"
    return ""


def _systemctl(program: Program) -> str:
    verb, *units = program.operands or ("",)
    if verb in ("reboot", "poweroff", "halt", "kexec", "rescue", "emergency", "suspend"):
        return "ends what runs on the machine"
    return _service_ends(verb, units)


def _service(program: Program) -> str:
    return _service_ends((program.operands[1:2] or ("",))[0], program.operands[:1])


def _service_ends(verb: str, units: Sequence[str]) -> str:
    for unit in (unit.removesuffix(".service") for unit in units):
        network = _REMOTE.fullmatch(unit) and not unit.startswith("ssh")
        if _REMOTE.fullmatch(unit) and verb in ("stop", "disable", "mask"):
            return f"may cut off the operator: {verb} of {unit}"
        if network and verb == "restart":
            return f"may cut off the operator: {verb} of {unit}"
    return ""


def _shutdown(program: Program) -> str:
    return "" if program.has("c") else "ends what runs on the machine"


def _init(program: Program) -> str:
    ends = program.operands[:1] in (("0",), ("6",), ("1",))
    return "ends what runs on the machine" if ends else ""


def _kill(program: Program) -> str:
    pids = [a for n, a in enumerate(program.arguments) if n or not a.startswith("-")]
    ends = "1" in pids or ("-1" in pids and len(program.arguments) > 1)
    return "ends the process on which all others stand" if ends else ""


def _owned(program: Program) -> str:
    if program.has("R", "--recursive") and any(_TOP.fullmatch(p) for p in program.operands[1:]):
        return "changes the rights of the system's own files"
    return ""


def _iptables(program: Program) -> str:
    given = program.arguments
    if program.has("F", "--flush"):
        return "removes all rules of a firewall, and may cut off the operator"
    dropped = ("-P" in given or "--policy" in given) and "DROP" in given
    return "may cut off the operator" if dropped else ""


def _git(program: Program) -> str:
    given = program.arguments
    if "clean" in given and program.has("f", "--force"):
        return "deletes files that are nowhere else"
    if "reset" in given and "--hard" in given:
        return "throws away changes that are nowhere else"
    return ""


_PARTITIONS: Final = "changes the partitions of a disk"
_VOLUME: Final = "removes storage with all that it holds"
_GUEST: Final = "removes a virtual machine, its state or its storage"
_ACCOUNT: Final = "removes an account"
_CLUSTER: Final = "removes what runs in a cluster"
_ENDS: Final = "ends what runs on the machine"

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "rm": (_rm,),
    "find": (_find,),
    "shred": (_always("destroys what a file holds"),),
    "dd": (_dd,),
    "wipefs": (_option("removes what marks a file system", "ao", "--all", "--offset"),),
    "blkdiscard": (_always("destroys what a device holds"),),
    "fdisk": (_unless(_PARTITIONS, "lsV", "--list", "--getsz"),),
    "cfdisk": (_always(_PARTITIONS),),
    "gdisk": (_unless(_PARTITIONS, "l"),),
    "sgdisk": (_unless(_PARTITIONS, "pivLOE", "--print", "--info", "--verify"),),
    "sfdisk": (_unless(_PARTITIONS, "ldsVT", "--list", "--dump", "--verify", "--json"),),
    "parted": (_parted,),
    "lvremove": (_always(_VOLUME),),
    "vgremove": (_always(_VOLUME),),
    "pvremove": (_always(_VOLUME),),
    "lvreduce": (_always("makes a volume smaller than its data may be"),),
    "zpool": (_words(_VOLUME, "destroy", "labelclear"),),
    "zfs": (_words(_VOLUME, "destroy", "rollback"),),
    "mdadm": (_option(_VOLUME, "", "--zero-superblock"),),
    "cryptsetup": (_words(_VOLUME, "luksFormat", "erase", "luksErase"),),
    "btrfs": (_words(_VOLUME, "subvolume delete"),),
    "gluster": (_words(_VOLUME, "volume delete", "volume reset-brick"),),
    "ceph": (
        _words(_VOLUME, "osd purge", "osd destroy", "osd rm", "osd pool delete", "osd pool rm"),
    ),
    "ceph-volume": (_words(_VOLUME, "lvm zap"),),
    "rbd": (_words(_VOLUME, "rm", "remove"),),
    "dropdb": (_always("deletes a database"),),
    "virsh": (_words(_GUEST, "undefine", "destroy", "vol-delete", "vol-wipe", "pool-delete"),),
    "userdel": (_always(_ACCOUNT),),
    "deluser": (_always(_ACCOUNT),),
    "groupdel": (_always(_ACCOUNT),),
    "iptables": (_iptables,),
    "ip6tables": (_iptables,),
    "nft": (_words("removes all rules of a firewall", "flush ruleset"),),
    "reboot": (_always(_ENDS),),
    "poweroff": (_always(_ENDS),),
    "halt": (_always(_ENDS),),
    "shutdown": (_shutdown,),
    "init": (_init,),
    "telinit": (_init,),
    "systemctl": (_systemctl,),
    "service": (_service,),
    "ifdown": (_always("may cut off the operator"),),
    "docker": (_words(_CLUSTER, "system prune", "volume prune", "volume rm"),),
    "podman": (_words(_CLUSTER, "system prune", "system reset", "volume prune", "volume rm"),),
    "kubectl": (_words(_CLUSTER, "delete"),),
    "oc": (_words(_CLUSTER, "delete"),),
    "helm": (_words(_CLUSTER, "uninstall", "delete"),),
    "kubeadm": (_words(_CLUSTER, "reset"),),
    "git": (_git,),
    "chmod": (_owned,),
    "chown": (_owned,),
    "kill": (_kill,),
    "tee": (_copied,),
    "cp": (_copied,),
    "mv": (_copied,),
    "crontab": (_option("removes all timed jobs of a user", "r"),),
}
"""Rules by the program's name; those for whole families of programs stand in `_by_name`."""
