"""Programs that take the whole screen for a person to look around in, which no transcript shows."""

from __future__ import annotations

from typing import Final

from runbook.shelltext.programs import Program, programs

_FILE: Final = (
    "write the file with the directive 'file', or change it with a command such as sed -i"
)
_PAGE: Final = "print the file with cat, or end the command with `| cat`"
_MONITOR: Final = "take what is needed from a command that ends, such as {}"
_MANAGER: Final = "type the commands that copy, move and remove: cp, mv, rm"
_BROWSER: Final = "fetch the page with curl"

_INSTEAD: Final = {
    **dict.fromkeys(
        ("vi", "vim", "vim.tiny", "vim.basic", "nvim", "view", "nano", "pico", "emacs", "joe",
         "jed", "mcedit", "micro", "ne", "vipw", "vigr"),
        _FILE,
    ),
    **dict.fromkeys(("less", "more", "most", "man", "info"), _PAGE),
    **dict.fromkeys(("mc", "ranger", "nnn", "vifm", "lf"), _MANAGER),
    **dict.fromkeys(("lynx", "w3m", "links", "elinks"), _BROWSER),
    "top": _MONITOR.format("`top -b -n 1`"),
    "htop": _MONITOR.format("`top -b -n 1`"),
    "atop": _MONITOR.format("`atop 1 1`"),
    "iotop": _MONITOR.format("`iotop -b -n 1`"),
    "iftop": _MONITOR.format("`ip -s link`"),
    "nethogs": _MONITOR.format("`ss -tp`"),
    "ncdu": _MONITOR.format("`du -sh *`"),
    "btop": _MONITOR.format("`top -b -n 1`"),
}  # fmt: skip
"""What a guide can say in place of each program."""

_BATCH: Final = {
    "vi": ("esSc", "--cmd"),
    "vim": ("esSc", "--cmd"),
    "nvim": ("esSc", "--headless"),
    "view": ("esSc", "--cmd"),
    "emacs": ("", "--batch", "-batch", "--script", "-script"),
    "top": ("bhv",),
    "htop": ("hV",),
    "btop": ("hv",),
    "mc": ("hVfF",),
    "iotop": ("bn",),
    "man": ("kfwP", "--pager", "--where", "--path"),
    "less": ("FEV", "--quit-if-one-screen", "--quit-at-eof", "--QUIT-AT-EOF"),
    "lynx": ("", "--dump", "-dump", "--source", "-source"),
    "w3m": ("", "-dump", "-dump_source", "-dump_head", "-dump_both", "-dump_extra"),
    "links": ("", "-dump"),
    "elinks": ("", "-dump"),
    "ncdu": ("o",),
    "nethogs": ("t",),
    "iftop": ("t",),
}
"""Options with which a program needs nobody at the screen: letters, and long ones."""
_ASKS_NOTHING: Final = ("--help", "--version", "-V")
_LATER: Final = ("alias", "at", "batch", "crontab", "trap")
"""Programs that have a command run later, if ever."""


def reason(text: str) -> str:
    """Return why a command cannot be followed from a guide that gives it no answers, or nothing."""
    found = [one for one in programs(text) if one.name]
    piped = {id(one.piped_from) for one in found}
    later = {one.offset for one in found if one.name in _LATER}
    for program in found:
        if program.offset in later:
            continue
        instead = _INSTEAD.get(program.name)
        if instead and id(program) not in piped and _takes_screen(program):
            return (
                f"{program.name} takes the whole screen, for a person to look around in, and no "
                f"transcript tells what to press: {instead}"
            )
    return ""


def _takes_screen(program: Program) -> bool:
    short, *long = _BATCH.get(program.name, ("",))
    words = program.arguments
    return not (
        program.redirects
        or program.documents
        or program.has_option(short, *long)
        or any(word in (*_ASKS_NOTHING, *long) for word in words)
        or (program.name == "atop" and len(program.operands) > 0)
        or (program.name.startswith(("vi", "nvi")) and any(w.startswith("+") for w in words))
    )


TAKEN: Final = (
    "the program has taken the whole screen, as editors and browsers do, and no transcript tells "
    "what to press there: for a file use the directive 'file', for a program that opens an editor "
    "set EDITOR to a command that changes the file"
)
"""Why a program is stopped that draws on a screen of its own, without anything to choose."""
