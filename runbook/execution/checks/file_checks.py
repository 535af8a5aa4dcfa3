"""Files are checks: what a step writes is there after it, with its content, mode and owner.

The checks are made from the step's file blocks, before its own, and are no part of the plan.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

import testinfra.host
from attrs import evolve
from testinfra.backend.base import CommandResult

from runbook.execution.texts import edits
from runbook.execution.texts.diff import redacted_difference
from runbook.model import Check, Command, Dialogue, Edit, FileContent, Step
from runbook.model.secret_reference import filled_in, referenced
from runbook.results import CheckResult
from runbook.shelltext.programs import programs
from runbook.terminal.bash import quote
from runbook.terminal.pipe import LIMIT

_REMOVERS: Final = frozenset({"rm", "unlink", "shred"})
_CONTENT: Final = {
    Edit.WHOLE: "the content shown",
    Edit.LINES: "the lines shown",
    Edit.KEYS: "the settings shown",
}
_LARGEST: Final = LIMIT - 4096
"""Bytes of a file that is read, so that its attributes fit into the output as well."""

_MISSING: Final = "there is no such file"
_ABSENT: Final = 66
_NOT_A_FILE: Final = 67
_TOO_LARGE: Final = 68

_READ: Final = """p={path}
s=$(stat -Lc '%s/%a/%u/%g/%U/%G' -- "$p") || exit {absent}
[ -f "$p" ] || exit {not_a_file}
[ "${{s%%/*}}" -le {largest} ] || exit {too_large}
printf '%s\\n' "$s"
exec cat -- "$p"
"""


def checks_of(step: Step) -> tuple[Check, ...]:
    """Return the checks of `step`: of the files as its last block leaves them, then its own.

    A file that a later command of the step removes by name was needed for the step alone.
    """
    files: list[FileContent] = []
    for action in step.actions:
        if isinstance(action, FileContent):
            files = _written(files, of_user(action, step.user))
        elif isinstance(action, Command):
            files = [file for file in files if not _removes(action.text, file.path)]
    return (*(_check(file) for file in files), *step.checks)


def _removes(text: str, path: str) -> bool:
    """Tell whether shell `text` removes `path`, or a directory above it, by its name."""
    above = {path, *(str(parent) for parent in PurePosixPath(path).parents)} - {"/", "."}
    return any(
        program.name in _REMOVERS and any(word.rstrip("/") in above for word in program.operands)
        for program in programs(text)
    )


def remaining(check: Check, later: Step) -> Check | None:
    """Return what is still true of `check` when a `later` step has been done.

    That is the check itself, unless the step writes the file: what it replaces is no longer
    true, and a whole file is then the edited one.
    """
    if check.file is None:
        return check
    file: FileContent | None = check.file
    for action in later.actions:
        if file is not None and isinstance(action, FileContent):
            file = _after(file, of_user(action, later.user))
    if file == check.file:
        return check
    return None if file is None else evolve(_check(file), within=check.within)


def superseded(check: Check, later: Step) -> bool:
    """Tell whether a `later` step writes the file of `check`, so that it is true no longer."""
    return remaining(check, later) != check


def evaluate(
    check: Check,
    file: FileContent,
    host: testinfra.host.Host,
    name: str,
    redact: Callable[[str], str] = str,
) -> CheckResult:
    """Compare the `file` of `check` with the one on `host`, which is called `name`.

    A difference is one of the texts as `redact` leaves them.

    Raises:
        HostLost: the host is gone.
        CommandTimeout: the file could not be read in time.
        SecretMissing: nobody has given a secret that is in the file.

    """
    if referenced(file.text):
        file = evolve(file, text=filled_in(file.text, host.secret))
    wrong = "\n".join(_deviations(file, host, name, redact))
    detail = f"{check.location}: {file.path}: {wrong}" if wrong else ""
    return CheckResult(check.sentence, held=not wrong, location=check.location, detail=detail)


def explained(result: CheckResult, check: Check, step: Step) -> CheckResult:
    """Add to a `result` after the actions of `step` what may have changed the file since."""
    if check.file is None or result.held:
        return result
    later = _later_command(step, check.file)
    if later is None:
        why = "This step wrote it so, and something has changed it since."
    else:
        place = f"line {later.location.line}"
        if later.location.document != check.location.document:
            place = str(later.location)
        why = (
            f"The command at {place} of this step may have changed it: drop the file block, "
            "move it below that command, or put the command into a step of its own."
        )
    return evolve(result, detail=f"{result.detail}\n{why}")


def _check(file: FileContent) -> Check:
    has = [_CONTENT[file.edit]] if file.text or file.edit is Edit.WHOLE else []
    if has and file.section is not None:
        has[0] += f" in [{file.section}]"
    has += [f"mode {file.mode}"] if file.mode is not None else []
    has += [f"owner {file.owner}"] if file.owner is not None else []
    said = " and ".join([", ".join(has[:-1]), has[-1]] if has[1:] else has)
    sentence = f"{file.path} has {said}"
    return Check(sentence, "", file.location, until=file.until, file=file)


def of_user(file: FileContent, user: str) -> FileContent:
    """Return `file` with the name of the `user` in a path below their home directory.

    Checks are root's already, and `~` is then what it is in a session, also in a test's own home.
    """
    if user == "root" or not file.path.startswith("~/"):
        return file
    return evolve(file, path=f"~{user}{file.path[1:]}")


def _written(files: list[FileContent], new: FileContent) -> list[FileContent]:
    """Return what must be true of `files` when a block of the same step writes a `new` one."""
    found: list[FileContent] = []
    for file in files:
        left = _after(file, new)
        if left is None:
            continue
        if file.path == new.path and left.edit is Edit.WHOLE:
            # The edit is part of the whole text now.
            new = evolve(
                left,
                mode=new.mode or left.mode,
                owner=new.owner or left.owner,
                until=new.until or left.until,
            )
        elif file.path == new.path and not left.text:
            new = evolve(new, mode=new.mode or left.mode, owner=new.owner or left.owner)
        else:
            found.append(left)
    return [*found, new]


def _after(file: FileContent, new: FileContent) -> FileContent | None:
    """Return what is still true of `file` once `new` is written; `None` if nothing is."""
    if file.path != new.path:
        return file
    left = evolve(
        file,
        mode=None if new.mode is not None else file.mode,
        owner=None if new.owner is not None else file.owner,
    )
    if file.edit is Edit.WHOLE and new.edit is not Edit.WHOLE:
        return evolve(left, text=edits.apply(new, file.text))
    kept = "" if new.edit is Edit.WHOLE else edits.not_overridden(file, new)
    if kept != file.text or file.edit is Edit.WHOLE:
        left = evolve(left, text=kept, edit=file.edit if kept else Edit.LINES)
    return left if left.text or left.mode is not None or left.owner is not None else None


def present(file: FileContent, host: testinfra.host.Host) -> tuple[str | None, str]:
    """Return the text of the file of that path on `host`, and why it cannot be read.

    The text is `None` if there is none; without a reason, the file then does not exist.

    Raises:
        HostLost: the host is gone.
        CommandTimeout: the file could not be read in time.

    """
    asked = _read(file, host)
    if asked.rc != 0:
        why = _unreadable(asked.rc, asked.stderr)
        return None, "" if why == _MISSING else why
    _, _, data = asked.stdout_bytes.partition(b"\n")
    return data.decode("utf-8", errors="surrogateescape"), ""


def _read(file: FileContent, host: testinfra.host.Host) -> CommandResult:
    script = _READ.format(
        path=_quoted(file.path),
        absent=_ABSENT,
        not_a_file=_NOT_A_FILE,
        too_large=_TOO_LARGE,
        largest=_LARGEST,
    )
    return host.run(script)


def _deviations(
    file: FileContent, host: testinfra.host.Host, name: str, redact: Callable[[str], str]
) -> Iterator[str]:
    """Yield what is wrong with the file on the host."""
    asked = _read(file, host)
    if asked.rc != 0:
        yield _unreadable(asked.rc, asked.stderr)
        return
    attributes, _, data = asked.stdout_bytes.partition(b"\n")
    current = data.decode("utf-8", errors="surrogateescape")
    wanted = edits.apply(file, current)
    if file.edit is not Edit.WHOLE and not current.endswith("\n"):
        wanted = wanted.removesuffix("\n")
    if wanted != current:
        context = 3 if file.edit is Edit.WHOLE else 0
        shown = redacted_difference(wanted, current, name, redact, context=context)
        yield f"it is not as shown\n{shown}"
    _, mode, uid, gid, user, group = attributes.decode(errors="backslashreplace").split("/", 5)
    if file.mode is not None and int(file.mode, 8) != int(mode, 8):
        yield f"mode is {mode.zfill(4)}, not {file.mode}"
    if file.owner is not None:
        wanted_user, _, wanted_group = file.owner.partition(":")
        if wanted_user not in ("", user, uid) or wanted_group not in ("", group, gid):
            yield f"owner is {user}:{group}, not {file.owner}"


def _unreadable(status: int, said: str) -> str:
    if status == _NOT_A_FILE:
        return "it is not a regular file"
    if status == _TOO_LARGE:
        return f"it is larger than {_LARGEST} bytes"
    why = said.strip().rpartition(": ")[2]
    if status == _ABSENT and why == "No such file or directory":
        return _MISSING
    return f"it cannot be read: {why or f'exit status {status}'}"


def _quoted(path: str) -> str:
    """Return `path` for bash, which knows where the home directory of a user is."""
    if not path.startswith("~"):
        return quote(path)
    home, _, rest = path.partition("/")
    return f"{home}/{quote(rest)}"


def _later_command(step: Step, file: FileContent) -> Command | Dialogue | None:
    """Return the last command after the first block of `file`, if possible one that names it."""
    found: Command | Dialogue | None = None
    name = posixpath.basename(file.path)
    after = False
    for action in step.actions:
        if isinstance(action, FileContent):
            after = after or of_user(action, step.user).path == file.path
        elif isinstance(action, Command | Dialogue) and after:
            named = found is not None and name in found.text
            found = action if name in action.text or not named else found
    return found
