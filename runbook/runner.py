"""Walk a runbook: which step comes next, on which hosts, and whether it may be tried.

`walk` yields what happens and prints nothing. The hosts of one step work side by side;
they wait for each other between the phases, so that a check may look at several hosts.
"""

from __future__ import annotations

import fnmatch
import queue
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import evolve, field, frozen

from runbook import prove, values
from runbook.codec import digest
from runbook.journal import now
from runbook.live import LiveHost
from runbook.model import Chapter, Cluster, Runbook, Step
from runbook.proposal import objections
from runbook.prove import Attend, Trial
from runbook.result import Event, Outcome, Probed, Verdict
from runbook.shared import NOTHING, SharedChecks

BROKEN = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.BLOCKED})
"""Verdicts on which no later step can stand."""


@frozen
class Choice:
    """What the operator chose for a run.

    `only` are shell patterns of step ids, all steps if empty. With `again`, steps run even
    where their checks hold. `unmarked` code blocks run only if asked for; `agreed` are the ids
    of those that run though there are objections to them. Without `attend` nobody is there to
    do a manual task. `chosen` are alternatives by the name of the choice; where it says
    nothing, the cluster does.
    """

    only: tuple[str, ...] = ()
    again: bool = False
    unmarked: bool = False
    agreed: frozenset[str] = frozenset()
    attend: Attend | None = None
    chosen: Mapping[str, str] = field(factory=dict)

    def refuses(self, step: Step) -> str:
        """Return why `step` is not to run, or an empty text."""
        if self.only and not any(fnmatch.fnmatchcase(step.id, only) for only in self.only):
            return "not selected"
        if not step.marked and not self.unmarked:
            return "a code block outside of a step; run with --unmarked"
        return ""


@frozen
class _Walk:
    cluster: Cluster
    live: Mapping[str, LiveHost]
    earlier: Mapping[tuple[str, str], Outcome]
    choice: Choice
    objections: Mapping[str, tuple[str, ...]]
    pool: ThreadPoolExecutor
    shared: SharedChecks = NOTHING
    events: queue.SimpleQueue[Event | None] = field(factory=queue.SimpleQueue)
    values: dict[str, str] = field(factory=dict)
    captures: dict[str, str] = field(factory=dict)
    broken: dict[str, None] = field(factory=dict)


def forward(runbook: Runbook) -> Runbook:
    """Return the part of `runbook` that leads to the goal: without steps that take back."""
    return _part(runbook, runbook.chapters, lambda step: not step.undo)


def backward(runbook: Runbook) -> Runbook:
    """Return the part of `runbook` that takes back: its chapters from the last to the first.

    A step there stands on those before it in its own chapter only.
    """
    back = _part(runbook, runbook.chapters[::-1], lambda step: step.undo)
    return evolve(back, chapters=tuple(_on_their_own(chapter) for chapter in back.chapters))


def _part(
    runbook: Runbook, chapters: tuple[Chapter, ...], wanted: Callable[[Step], bool]
) -> Runbook:
    kept = (evolve(c, steps=tuple(filter(wanted, c.steps))) for c in chapters)
    return evolve(runbook, chapters=tuple(c for c in kept if c.steps))


def _on_their_own(chapter: Chapter) -> Chapter:
    ids = [step.id for step in chapter.steps]
    return evolve(
        chapter,
        steps=tuple(
            step if step.needs is not None else evolve(step, needs=tuple(ids[:number]))
            for number, step in enumerate(chapter.steps)
        ),
    )


def walk(
    runbook: Runbook,
    cluster: Cluster,
    live: Mapping[str, LiveHost],
    *,
    earlier: Mapping[tuple[str, str], Outcome] | None = None,
    choice: Choice | None = None,
    shared: SharedChecks = NOTHING,
) -> Generator[Event, None, None]:
    """Try every step of `runbook` on its hosts, in order, and yield what happens.

    `live` holds the hosts that can be reached, by name; `earlier` what steps and hosts came
    to before on this very lab, by step id and host; `shared` what the guide's checks have in
    common. Every step yields one outcome for each of its hosts. An iterator that is given up
    in the middle closes the hosts.

    Raises:
        KeyError: a step names a host or group that the cluster does not have.

    """
    with ThreadPoolExecutor(max_workers=max(1, len(cluster.hosts))) as pool:
        walked = _Walk(
            cluster,
            live,
            earlier or {},
            choice or Choice(),
            objections(runbook),
            pool,
            shared,
        )
        try:
            for step in runbook.steps():
                for event in _step(walked, step):
                    if isinstance(event, Outcome):
                        if event.verdict in BROKEN:
                            walked.broken[event.step] = None
                        walked.values.update(event.captured)
                    yield event
        except BaseException:
            # The pool waits for its workers, and they wait for their hosts.
            for host in live.values():
                host.close()
            raise


def _step(walked: _Walk, step: Step) -> Iterator[Event]:
    text = digest(step)
    missing = values.unfilled(step, walked.captures, walked.values)
    if step.capture:
        walked.captures[step.capture.name] = step.id
    step = values.fill_in(step, walked.values)
    hosts = walked.cluster.select(step.on or ("all",))
    for together in [(host,) for host in hosts] if step.serial else [hosts]:
        trials: dict[str, Trial] = {}
        for host in together:
            outcome = Outcome(step.id, host.name, Verdict.SKIPPED, text, now())
            trial = Trial(step, host.name, outcome, time.monotonic())
            trials[host.name] = _admit(walked, trial, missing)
        yield from _phases(walked, trials)


def _admit(walked: _Walk, trial: Trial, missing: str) -> Trial:
    """Settle `trial` at once if its step is not for this host, or must not be tried."""
    step = trial.step
    host = walked.live.get(trial.host)
    if why := refused(step, walked.cluster, walked.choice, walked.objections):
        return trial.settle(Verdict.SKIPPED, why)
    if host is None:
        return trial.settle(Verdict.SKIPPED, f"{trial.host} is not a host of this lab")
    if host.known is not None and (why := unfit(step, trial.host, host.known)):
        return trial.settle(Verdict.SKIPPED, why)
    for broken in walked.broken:
        if step.needs is None or broken in step.needs or broken == step.id:
            return trial.settle(Verdict.BLOCKED, f"it stands on {broken}, which did not hold")
    if missing:
        return trial.settle(Verdict.ERROR, missing)
    return trial


def refused(
    step: Step, cluster: Cluster, choice: Choice, objected: Mapping[str, tuple[str, ...]]
) -> str:
    """Return why `step` runs on no host, or an empty text; `objected` is by the steps' ids."""
    if why := choice.refuses(step):
        return why
    for name, _, value in (alternative.partition("=") for alternative in step.choices):
        chosen = choice.chosen.get(name) or cluster.choices.get(name)
        if chosen != value:
            return f"for {name}={value}; {name}={chosen or 'nothing'} was chosen"
    if step.id in objected and step.id not in choice.agreed:
        return unasked(step, objected[step.id])
    return ""


def to_come(
    runbook: Runbook, cluster: Cluster, hosts: Mapping[str, Probed], choice: Choice
) -> tuple[Step, ...]:
    """Return the steps that a walk will try on some of `hosts`, if all before them hold."""
    objected = objections(runbook)
    return tuple(
        step
        for step in runbook.steps()
        if not refused(step, cluster, choice, objected)
        and any(
            host.name in hosts and not unfit(step, host.name, hosts[host.name])
            for host in cluster.select(step.on or ("all",))
        )
    )


def unasked(step: Step, why: tuple[str, ...]) -> str:
    """Return the reason of an unmarked step that does not run unasked, with how to agree."""
    return f"{'; '.join(why)}; if you agree to it, run with --agree {step.id}"


def unfit(step: Step, host: str, probed: Probed) -> str:
    """Return why `step` is not for a host that is what `probed` says, or an empty text."""
    if step.platforms and probed.platform not in step.platforms:
        return f"for {' or '.join(step.platforms)}; {host} is {probed.platform}"
    for capability in step.requires:
        name = capability.removeprefix("!")
        if capability.startswith("!") and name in probed.capabilities:
            return f"for hosts without {name}, which {host} has"
        if not capability.startswith("!") and name not in probed.capabilities:
            return f"needs {name}, which {host} lacks"
    return ""


def _phases(walked: _Walk, trials: dict[str, Trial]) -> Iterator[Event]:
    def before(trial: Trial) -> Trial:
        earlier = walked.earlier.get((trial.step.id, trial.host))
        if earlier is not None and earlier.digest != trial.outcome.digest:
            earlier = None
        probed = walked.live[trial.host].probed()
        if why := unfit(trial.step, trial.host, probed):
            return trial.settle(Verdict.SKIPPED, why)
        (host,) = walked.cluster.select((trial.host,))
        trial = evolve(
            trial,
            step=values.answers_for(trial.step, host, probed.platform),
            outcome=evolve(trial.outcome, platform=probed.platform),
        )
        return prove.check_before(
            trial,
            walked.live,
            earlier,
            again=walked.choice.again,
            tell=walked.events.put,
            shared=walked.shared,
        )

    def action(trial: Trial) -> Trial:
        return prove.act(
            trial,
            walked.live[trial.host],
            attend=walked.choice.attend,
            tell=walked.events.put,
        )

    def after(trial: Trial) -> Trial:
        return prove.check_after(trial, walked.live, tell=walked.events.put, shared=walked.shared)

    told: set[str] = set()
    for phase in (None, before, action, after):
        if phase is not None:
            yield from _together(walked, phase, trials)
        for name, trial in trials.items():
            if trial.settled and name not in told:
                told.add(name)
                yield trial.outcome


def _together(
    walked: _Walk, phase: Callable[[Trial], Trial], trials: dict[str, Trial]
) -> Iterator[Event]:
    """Run `phase` on all unsettled trials at once, yield what they tell, and keep the results."""
    waiting = [trial for trial in trials.values() if not trial.settled]
    if not waiting:
        return
    futures: list[Future[Trial]] = []
    for trial in waiting:
        future = walked.pool.submit(prove.guarded, phase, trial, walked.live.get(trial.host))
        future.add_done_callback(lambda _: walked.events.put(None))
        futures.append(future)
    left = len(futures)
    while left:
        event = walked.events.get()
        if event is None:
            left -= 1
        else:
            yield event
    for future in futures:
        trial = future.result()
        trials[trial.host] = trial
