"""The manual page and the shells' completions, generated from the commands of the command line.

Hatchling runs this when it builds a wheel, which installs them where `man` and the shells look.
`make man` writes them into `build/share`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import click  # noqa: E402
from click.shell_completion import get_completion_class  # noqa: E402
from docutils.core import publish_string  # noqa: E402
from docutils.writers import manpage  # noqa: E402
from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # noqa: E402

from runbook import __version__  # noqa: E402
from runbook.cli import main  # noqa: E402

SHARE: Final = ROOT / "build" / "share"
_COMPLETIONS: Final = {
    "bash": "bash-completion/completions/runbook",
    "fish": "fish/vendor_completions.d/runbook.fish",
    "zsh": "zsh/site-functions/_runbook",
}
_REST: Final = """
ENVIRONMENT
===========

RUNBOOK_SECRET_NAME
    The value of the secret *name*.

RUNBOOK_SECRETS
    A directory with a file for each secret.

RUNBOOK_COLUMNS
    The width of the terminal that programs see; 132 by default.

FILES
=====

conf.py
    Makes a directory a guide, as Sphinx reads it.

lab/cluster.yaml
    The hosts of the guide.

build/LAB/report.html
    What the last run on a lab has shown.

SEE ALSO
========

sphinx-build(1), pytest(1)
"""


class ManualHook(BuildHookInterface[Any]):
    """Adds the files to a wheel."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Write the files, and name them with their places in a wheel."""
        for path in write(SHARE):
            build_data["shared_data"][str(path)] = f"share/{path.relative_to(SHARE)}"


def write(share: Path) -> Iterator[Path]:
    """Write the files below the directory `share`, and yield them."""
    texts = {"man/man1/runbook.1": manual_page()}
    texts |= {name: completion(shell) for shell, name in _COMPLETIONS.items()}
    for name, text in texts.items():
        path = share / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path


def completion(shell: str) -> str:
    """Return what makes `shell` complete the words of `runbook`."""
    known = get_completion_class(shell)
    if known is None:
        raise ValueError(shell)
    made = known(main, {}, "runbook", "_RUNBOOK_COMPLETE")
    return made.source_template % made.source_vars()


def manual_page() -> str:
    """Return the manual page in the language of `man`."""
    text = "\n".join((*_head(), *_command(main, "runbook"), _REST))
    # Doubtful text is an error, and settings of whoever builds it do not matter.
    settings = {"halt_level": 2, "_disable_config": True}
    made: bytes = publish_string(text, writer=manpage.Writer(), settings_overrides=settings)
    return made.decode()


def _head() -> Iterator[str]:
    summary = (main.help or "").partition("\n")[0].rstrip(".")
    yield from ("=" * 7, "runbook", "=" * 7, "", "-" * 99, summary, "-" * 99, "")
    yield from (":Manual section: 1", f":Version: sphinx-runbook {__version__}", "")
    yield from ("SYNOPSIS", "========", "", "**runbook** *COMMAND* [*OPTION*]... [*GUIDE*]", "")
    yield from ("DESCRIPTION", "===========", "", *_prose(main.help or ""))
    yield from ("COMMANDS", "========", "")


def _command(command: click.Command, name: str) -> Iterator[str]:
    """Yield a definition for each command that is no group."""
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            if found is not None and not found.hidden:
                yield from _command(found, f"{name} {word}")
        return
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"**{name}** {_plain(usage)}"
    yield from _indented(_prose(command.help or ""))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            yield from _indented([_plain(record[0]), *_indented(_prose(record[1]))])


def _prose(text: str) -> Iterator[str]:
    """Yield paragraphs as reStructuredText; indented ones are shown as they are."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text.replace("\b", ""))):
        if paragraph.startswith(" "):
            yield from ("::", "", *paragraph.splitlines(), "")
        else:
            yield from (_plain(" ".join(paragraph.split())), "")


def _plain(text: str) -> str:
    """Return `text` without any markup but what is between backquotes."""
    escaped = re.sub(r"([\\*|_])", r"\\\1", text)
    return re.sub(r"`([^`]+)`", lambda m: f"``{m[1]}``".replace("\\", ""), escaped)


def _indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    return (f"    {line}" if line else "" for line in lines)


if __name__ == "__main__":
    for written in write(SHARE):
        print(written.relative_to(ROOT))  # noqa: T201
