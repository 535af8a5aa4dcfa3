"""What a step will do on each of its hosts, as it is now: commands, questions, files as diffs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from attrs import evolve, field, frozen

from runbook.errors import RunbookError
from runbook.execution.checks.file_checks import of_user, present
from runbook.execution.hosts.host import HostConnection
from runbook.execution.secrets import SecretMissing, resolve
from runbook.execution.texts import edits
from runbook.execution.texts.diff import redacted_difference
from runbook.following.demands import Demand
from runbook.following.position import StepPosition
from runbook.following.proofs import Proved
from runbook.following.undo import UndoOffer
from runbook.following.values import Value
from runbook.model import Command, Dialogue, FileContent, Location, Manual, Place, Step
from runbook.model.secret_reference import readable, referenced
from runbook.results import CheckResult


@frozen
class CommandView:
    """A command as it is typed; `output` is what the guide shows. `place` is where, if elsewhere.

    With `disconnects` it takes the connection to its host away.
    """

    text: str
    location: Location
    output: str = ""
    place: str = ""
    disconnects: str = ""


@frozen
class Question:
    """A question of a program and what is typed; the answer is empty for the program's default.

    A `secret` is a name. A question that comes only `sometimes` may be missing.
    """

    prompt: str
    answer: str = ""
    secret: str = ""
    sometimes: bool = False


@frozen
class ProgramView:
    """An interactive program as it is started, and what it asks."""

    text: str
    location: Location
    questions: tuple[Question, ...]
    place: str = ""


@frozen
class FileView:
    """A file that is written: the `diff` from what is there now, empty if nothing changes.

    `why` says why it cannot be told; a file that is not there yet `is_new`.
    """

    path: str
    location: Location
    diff: str = ""
    is_new: bool = False
    mode: str = ""
    owner: str = ""
    why: str = ""


@frozen
class TaskView:
    """A task that only a person can do."""

    text: str
    location: Location


ActionView = CommandView | ProgramView | FileView | TaskView


@frozen
class HostView:
    """What a step will do on `host`; `missing` says why it cannot run there."""

    host: str
    platform: str
    actions: tuple[ActionView, ...] = ()
    missing: str = ""


@frozen
class StepView:
    """A step as the one who follows sees it before it runs.

    `purpose` is the guide's prose around it. `checks` are those last evaluated, by host; others are
    unknown, and stand in `sentences`. `secrets` are the names of those that it needs and that
    nobody has given. `seconds` is how long it usually takes.
    """

    position: StepPosition
    purpose: str
    hosts: tuple[HostView, ...]
    sentences: tuple[str, ...]
    demand: Demand
    checks: dict[str, tuple[CheckResult, ...]] = field(factory=dict)
    secrets: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    proofs: tuple[Proved, ...] = ()
    seconds: float | None = None
    undo: UndoOffer | None = None


def secrets_of(step: Step) -> tuple[str, ...]:
    """Return the names of the secrets that are typed or written in `step`."""
    found: dict[str, None] = {}
    for action in step.actions:
        if not isinstance(action, Manual):
            found |= dict.fromkeys(referenced(action.text))
        for turn in action.turns if isinstance(action, Dialogue) else ():
            found |= dict.fromkeys((turn.secret,) if turn.secret else referenced(turn.answer or ""))
    return tuple(found)


def secrets_needed(step: Step, typed: Collection[str], captured: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the secrets of `step` that nobody has given.

    `typed` are the names of those that somebody has typed; those that are `captured` by a step are
    known to the run.
    """
    from_steps = {name.replace("_", "-") for name in captured}
    found = []
    for name in secrets_of(step):
        if name in typed or name.partition(".")[0].replace("_", "-") in from_steps:
            continue
        try:
            resolve(name)
        except SecretMissing:
            found.append(name)
    return tuple(found)


def actions_on(
    step: Step, host: HostConnection, redact: Callable[[str], str], *, read: bool = True
) -> Iterator[ActionView]:
    """Yield what `step`, as it is for `host`, will do there; nothing is changed.

    The files that it writes are `read`, unless the host is to be left alone. Secrets are shown by
    their names, and those in files of the host are not shown.
    """
    texts: dict[str, str] = {}
    for action in step.actions:
        match action:
            case Command():
                yield CommandView(
                    readable(action.text),
                    action.location,
                    action.output or "",
                    _place(action.place),
                    action.disconnects.value if action.disconnects else "",
                )
            case Dialogue():
                yield ProgramView(
                    readable(action.text),
                    action.location,
                    tuple(
                        Question(
                            turn.prompt, readable(turn.answer or ""), turn.secret or "",
                            turn.sometimes,
                        )
                        for turn in action.turns
                    ),
                    _place(action.place),
                )  # fmt: skip
            case FileContent():
                file = of_user(action, step.user)
                yield _file(file, host, texts, redact) if read else _unread(file)
            case Manual():
                yield TaskView(action.text, action.location)


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    user = "the ordinary user" if place.ordinary else place.user
    return "@".join(filter(None, (user, place.host)))


def _file(
    file: FileContent, host: HostConnection, texts: dict[str, str], redact: Callable[[str], str]
) -> FileView:
    """Return what becomes of a file; `texts` are those that earlier actions will have written."""
    view = _unread(file)
    now: str | None
    try:
        now, why = (texts[file.path], "") if file.path in texts else present(file, host.testinfra())
    except RunbookError as error:
        now, why = None, str(error)
    if why:
        return evolve(view, why=redact(why))
    wanted = edits.apply(evolve(file, text=_filled(file.text, host)), now)
    texts[file.path] = wanted
    diff = ""
    if wanted != now:
        diff = redacted_difference(now or "", wanted, "after this step", redact, before="now")
    return evolve(view, diff=diff, is_new=now is None)


def _unread(file: FileContent) -> FileView:
    return FileView(file.path, file.location, mode=file.mode or "", owner=file.owner or "")


def _filled(text: str, host: HostConnection) -> str:
    """Return the text of a file with the secrets that are known; the others stay names."""
    for name in referenced(text):
        try:
            text = text.replace(f"<secret:{name}>", host.secret(name))
        except SecretMissing:
            continue
    return text
