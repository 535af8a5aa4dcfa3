"""Walk a runbook: which step comes next, on which hosts, and whether it may be tried.

`walk` yields what happens and prints nothing. The hosts of one step work side by side;
they wait for each other between the phases, so that a check may look at several hosts.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from attrs import define, evolve, field

from runbook.execution.actions import values
from runbook.execution.checks.shared_checks import NOTHING, SharedChecks
from runbook.execution.end_state import EndState
from runbook.execution.hosts.host import HostConnection
from runbook.execution.keys import KeyedStep
from runbook.execution.observe import Observer
from runbook.execution.options import Options
from runbook.execution.phases import BROKEN, Phases
from runbook.execution.schedule import Schedule
from runbook.execution.sessions.unknown_shells import UnknownShells
from runbook.execution.trial import Trial
from runbook.model import Chapter, Cluster, Runbook, Step
from runbook.model.codec import digest
from runbook.results import Event, Outcome, Reached, ShellState, Verdict
from runbook.results.outcome import NOT_SELECTED
from runbook.results.position import DONE, History


class Answer(enum.Enum):
    """What the operator says to a step that did not hold: the value sent to `walk`."""

    GO_ON = "go on"
    AGAIN = "again"
    STOP = "stop"


Walk = Generator[Event, Answer | None, None]


@define
class _Walked:
    """What the run knows on its way from step to step."""

    cluster: Cluster
    hosts: Mapping[str, HostConnection]
    schedule: Schedule
    history: History
    options: Options
    keyed: Mapping[str, KeyedStep]
    end_state: EndState
    phases: Phases
    captures: values.Captures = field(factory=values.Captures)
    broken: dict[str, None] = field(factory=dict)
    shells: dict[str, dict[str, ShellState]] = field(factory=dict)
    unknown_shells: UnknownShells = field(factory=UnknownShells)
    stopped: str = ""


def walk(
    runbook: Runbook,
    cluster: Cluster,
    hosts: Mapping[str, HostConnection],
    schedule: Schedule,
    *,
    history: History | None = None,
    options: Options | None = None,
    shared: SharedChecks = NOTHING,
) -> Walk:
    """Try the wanted steps of `runbook` on their hosts, in order, and yield what happens.

    `hosts` are those that can be reached, by name; `history` is what earlier runs did on them;
    `shared` what the guide's checks have in common. Every step yields one outcome for each of its
    hosts; a step that is done already yields the outcome that it earned, as resumed. Before
    anything is typed the walk yields `Begun`, and where all steps so far are finished `Reached`.
    At the end the checks of all steps that are done are evaluated once more. `Answer`s that are
    sent for an outcome that does not hold say how to go on. An iterator that is given up in the
    middle closes the hosts.

    Raises:
        KeyError: a step names a host or group that the cluster does not have.

    """
    with ThreadPoolExecutor(max_workers=max(1, len(cluster.hosts))) as pool:
        done = history or History()
        how = options or Options()
        walked = _Walked(
            cluster,
            hosts,
            schedule,
            done,
            how,
            schedule.by_id(),
            EndState(runbook, hosts, shared, pool, done.broken_by),
            Phases(
                cluster, hosts, schedule.again, how, shared, pool,
                Observer(hosts, runbook, pool) if how.observe else None,
            ),
        )  # fmt: skip
        try:
            for chapter in runbook.chapters:
                yield from _chapter(walked, chapter)
            yield from walked.end_state.final()
        except BaseException:
            # The pool waits for its workers, and they wait for their hosts.
            for host in hosts.values():
                host.close()
            raise


def _chapter(walked: _Walked, chapter: Chapter) -> Walk:
    """Try the steps of one chapter, which begins in fresh login shells."""
    walked.shells = {}
    walked.unknown_shells = UnknownShells()
    fresh = False
    for step in chapter.steps:
        walked.captures.declare(step)
        for group in _groups(walked, step):
            trials = {host: _admit(walked, step, host) for host in group}
            if any(not trial.settled for trial in trials.values()):
                if not walked.broken:
                    yield Reached(step.id, chapter_begins=not fresh and not walked.shells)
                if not fresh:
                    _fresh_shells(walked)
                    fresh = True
            yield from _until_it_holds(walked, trials)


def _groups(walked: _Walked, step: Step) -> list[list[str]]:
    """Return the names of the hosts of `step` that work on it side by side."""
    names = [host.name for host in walked.cluster.select(step.on or ("all",))]
    return [[name] for name in names] if step.serial else [names]


def _fresh_shells(walked: _Walked) -> None:
    """Give every host new login shells, in the state that the chapter's steps left theirs."""
    for name, host in walked.hosts.items():
        host.new_shells(walked.shells.get(name, {}))


def _until_it_holds(walked: _Walked, trials: dict[str, Trial]) -> Walk:
    """Try a step on some hosts, as often as the operator says, and take in what came of it."""
    while True:
        answers = set()
        outcomes = []
        for event in walked.phases.run(dict(trials)):
            answer = yield event
            if answer is not None and walked.phases.observer is not None:
                # The operator may have been at the hosts.
                walked.phases.observer.forget()
            if isinstance(event, Outcome):
                outcomes.append(event)
                answers.add(answer)
        if Answer.AGAIN not in answers:
            break
    done = [one for outcome in outcomes for one in _take_in(walked, outcome)]
    if walked.options.end_state:
        walked.end_state.done(done)
    if Answer.STOP in answers:
        walked.stopped = f"the run was stopped at {outcomes[0].step}"
    elif walked.options.exit_first and any(o.verdict in BROKEN for o in outcomes):
        walked.stopped = f"the run stopped at its first failure, {outcomes[0].step}"


def _take_in(walked: _Walked, outcome: Outcome) -> Iterator[tuple[Step, Outcome]]:
    """Take in an outcome; yield the step as it is for its host, if it is done there."""
    if outcome.verdict in BROKEN:
        walked.broken[outcome.step] = None
    walked.captures.take(outcome.host, outcome.captured)
    if outcome.key and (outcome.resumed or outcome.verdict in DONE):
        step = walked.keyed[outcome.step].step
        with contextlib.suppress(values.ValueMissingError):
            step = walked.captures.fill_in(step, outcome.host)
        walked.shells.setdefault(outcome.host, {}).update(outcome.shells)
        walked.unknown_shells.take_in(step, outcome)
        yield step, outcome


def _admit(walked: _Walked, step: Step, host: str) -> Trial:
    """Return the trial of `step` on `host`, settled if the step must not be tried there."""
    keyed = walked.keyed.get(step.id)
    here = keyed is not None and any(name == host for name, _ in keyed.hosts)
    trial = Trial.begin(step, host, digest(step), keyed if here else None)
    if keyed is None or not here:
        return trial.settle(Verdict.SKIPPED, walked.schedule.skipped.get((step.id, host), ""))
    if host not in walked.hosts:
        return trial.settle(Verdict.SKIPPED, f"{host} is not a host of this lab")
    if step.id not in walked.schedule.wanted:
        return trial.settle(Verdict.SKIPPED, NOT_SELECTED)
    earned = walked.history.outcomes.get((keyed.key, host))
    again = keyed.key in walked.schedule.again or step.id in walked.options.repeat
    if step.background is not None and _has_work(walked):
        # What an earlier run kept running has ended with it, and later steps need it.
        again = True
    if earned is not None and walked.history.done(keyed.key, host) and not again:
        return evolve(trial, outcome=evolve(earned, step=step.id, resumed=True), settled=True)
    if walked.stopped:
        return trial.settle(Verdict.SKIPPED, walked.stopped)
    for broken in walked.broken:
        if step.needs is None or broken in step.needs or broken == step.id:
            return trial.settle(Verdict.BLOCKED, f"it depends on {broken}, which did not hold")
    if walked.options.converging and not again and (why := _unsettled(walked, keyed, host)):
        return trial.settle(Verdict.ERROR, why)
    try:
        step = walked.captures.fill_in(step, host)
    except values.ValueMissingError as error:
        return trial.settle(Verdict.ERROR, f"{step.location}: {error}")
    restart = step.background is not None and _was_begun(walked, keyed, host)
    return evolve(
        trial,
        step=step,
        restart=restart,
        unknown_shell=walked.unknown_shells.needed_by(step, host),
    )


def _was_begun(walked: _Walked, keyed: KeyedStep, host: str) -> bool:
    """Tell whether an earlier run began to type a step on `host`."""
    earned = walked.history.outcomes.get((keyed.key, host))
    if earned is not None and earned.verdict is Verdict.SATISFIED:
        # What serves there is somebody's, and has not ended with a run of ours.
        return False
    return any(
        name == host and (key == keyed.key or touched.step == keyed.step.id)
        for (key, name), touched in walked.history.touched.items()
    )


def _has_work(walked: _Walked) -> bool:
    """Tell whether any step of the run is still to be typed."""
    return any(
        one.step.background is None
        and one.step.id in walked.schedule.wanted
        and not all(walked.history.done(one.key, host) for host, _ in one.hosts)
        for one in walked.schedule.steps
    )


def _unsettled(walked: _Walked, keyed: KeyedStep, host: str) -> str:
    """Return why a step must not be typed again on a machine that is somebody's."""
    why = walked.history.unsettled(keyed.step.id, keyed.key, host)
    if not why:
        return ""
    return f"{why}; look at {host}, and let it run again with --repeat {keyed.step.id}"
