"""Find a container engine, and a way of starting containers with it that works here.

What works cannot be read off version numbers: a runtime may refuse the machine's control
groups, and a limit above the caller's own cannot be granted. So every way is tried with a
real host, until one boots; the finding is kept until the machine changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from attrs import asdict, evolve, frozen

from runbook.labs import LabError
from runbook.labs.state import held, shielded

PROGRAMS: Final = ("podman", "docker")
RUNTIMES: Final = ("crun", "runc")
CACHE: Final = Path("/var/cache/sphinx-runbook")
"""Where what takes time to find out or to make is kept, for all labs."""

_LIMITS: Final = (32768, 4096)
_TIMEOUT: Final = 600.0
_DYING: Final = "did not die within timeout"
_REMOVALS: Final = 6
"""How often a container is tried to be removed whose processes take their time to die."""


@frozen
class Engine:
    """A container engine, with the options by which it starts a host on this machine.

    What it runs holds the lock of the directory `hold`, as in `state.held`.
    """

    program: str
    runtime: str = ""
    ulimits: tuple[str, ...] = ()
    cgroups: tuple[str, ...] = ()
    hold: Path | None = None

    def __str__(self) -> str:
        words = [self.program, *([f"with {self.runtime}"] if self.runtime else [])]
        return " ".join([*words, *self.start()])

    def limits(self) -> list[str]:
        """Return the options that whatever the engine runs needs, also while it makes an image."""
        return [f"--ulimit={limit}" for limit in self.ulimits]

    def start(self) -> list[str]:
        """Return the options that every started container needs."""
        return [*self.limits(), *self.cgroups]

    def argv(self, verb: str, *arguments: str) -> list[str]:
        """Return the command line of the engine's `verb`."""
        if self.program == "podman":
            return ["podman", *([f"--runtime={self.runtime}"] if self.runtime else []), verb,
                    *arguments]  # fmt: skip
        runtime = [f"--runtime={self.runtime}"] if self.runtime and verb == "run" else []
        return ["docker", verb, *runtime, *arguments]

    def call(self, verb: str, *arguments: str) -> str:
        """Run the engine's `verb` and return what it prints.

        Raises:
            LabError: it fails; the message is the engine's own.

        """
        done = _run(self.argv(verb, *arguments), self.hold)
        if done.returncode != 0:
            complaint = _last_lines(done.stderr or done.stdout)
            raise LabError(f"{self.program} {verb}: {complaint}")
        return done.stdout

    def inspect(self, names: list[str]) -> dict[str, dict[str, Any]]:
        """Return what the engine knows of the containers of those names that exist."""
        done = _run(self.argv("container", "inspect", *names))
        try:
            found = json.loads(done.stdout or "[]")
        except ValueError as error:
            raise LabError(f"{self.program} inspect: {_last_lines(done.stderr)}") from error
        return {str(one["Name"]).lstrip("/"): one for one in found}

    def remove(self, *names: str) -> None:
        """Remove those of the containers that exist, at once, with their unnamed volumes.

        Raises:
            LabError: one cannot be removed.

        """
        # Without --ignore, podman 4.3 removes nothing, and says nothing, if one is not there.
        podman = ["--time=0", "--ignore"] if self.program == "podman" else []
        for attempt in range(_REMOVALS):
            try:
                self.call("rm", "--force", "--volumes", *podman, *names)
            except LabError as error:
                # A process that was killed while it writes to a busy disk takes its time to
                # die; podman waits 5 s for that.
                if _DYING not in str(error) or attempt == _REMOVALS - 1:
                    raise
            else:
                return

    def init(self) -> list[str]:
        """Return the options that let a container's init be systemd, without any network.

        The engine writes no name files, as far as it can be kept from it: they belong to
        the operator.
        """
        options = ["--privileged", "--network=none", *self.start()]
        if self.program == "podman":
            return [*options, "--systemd=always", "--no-hosts"]
        mounts = ["--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec"]
        return [*options, *mounts, "--env=container=docker", "--stop-signal=SIGRTMIN+3"]


def programs() -> Iterator[Engine]:
    """Yield the engines that answer; a client without its server does not."""
    for name in PROGRAMS:
        if shutil.which(name) and _run([name, "ps", "--quiet"]).returncode == 0:
            yield Engine(name)


def program() -> Engine:
    """Return the engine of this machine, without a way of starting containers yet.

    Raises:
        LabError: there is none.

    """
    for engine in programs():
        return engine
    said = []
    for name in PROGRAMS:
        if shutil.which(name) is None:
            said.append(f"{name} is not installed")
        else:
            said.append(f"{name}: {_last_lines(_run([name, 'ps', '--quiet']).stderr)}")
    raise LabError("no container engine works here: " + "; ".join(said))


def candidates(name: str, runtimes: list[str], hard: tuple[int, int]) -> Iterator[Engine]:
    """Yield the ways of starting a host with engine `name`, the most usual first.

    `hard` are the caller's own hard limits of open files and of processes, where -1 is
    none. Engines ask for more than an unprivileged root may grant, so lower ones follow.
    """
    files, processes = hard
    ulimits: list[tuple[str, ...]] = [()]
    for limit in _LIMITS:
        pair = [limit if own < 0 else min(own, limit) for own in (files, processes)]
        ulimits.append((f"nofile={pair[0]}:{pair[0]}", f"nproc={pair[1]}:{pair[1]}"))
    groups: list[tuple[str, ...]] = [(), ("--cgroupns=private",)]
    if name == "docker":
        groups = [
            ("--cgroupns=private",),
            ("--cgroupns=host", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"),
        ]
    for group in groups:
        for limits in ulimits:
            for runtime in ("", *runtimes):
                yield Engine(name, runtime, limits, group)


def find(engine: Engine, attempt: Callable[[Engine], None], tell: Callable[[str], None]) -> Engine:
    """Return `engine` with the first options for which `attempt` boots a host.

    Raises:
        LabError: none works; the message says what each one said.

    """
    hard = (
        resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        resource.getrlimit(resource.RLIMIT_NPROC)[1],
    )
    runtimes = [name for name in RUNTIMES if shutil.which(name)]
    cache = CACHE / "engine.json"
    key = _key(engine.program, runtimes, hard)
    known = _recall(cache, key)
    if known is not None and known.program == engine.program:
        return known
    refused: list[str] = []
    for candidate in candidates(engine.program, runtimes, hard):
        try:
            attempt(candidate)
        except LabError as error:
            refused.append(f"  {candidate}: {error}")
            continue
        if refused:
            tell(f"engine: {candidate} (found by trying {len(refused) + 1} ways)")
        _remember(cache, key, candidate)
        return candidate
    raise LabError("no way of starting a host works on this machine:\n" + "\n".join(refused))


def forget() -> None:
    """Forget which engine works, so that the next lab tries anew."""
    (CACHE / "engine.json").unlink(missing_ok=True)


def _key(name: str, runtimes: list[str], hard: tuple[int, int]) -> str:
    """Return what changes when the machine boots, or gets another engine or other limits."""
    parts: list[object] = [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), *hard]
    for tool in (name, *runtimes):
        found = shutil.which(tool)
        parts.append([tool, found, Path(found).stat().st_mtime_ns if found else 0])
    source = Path(__file__).read_bytes()
    return hashlib.sha256(json.dumps(parts).encode() + source).hexdigest()


def _recall(cache: Path, key: str) -> Engine | None:
    try:
        stored = json.loads(cache.read_text(encoding="utf-8"))
        if stored.pop("key") != key:
            return None
        engine = Engine(**stored)
        return evolve(engine, ulimits=tuple(engine.ulimits), cgroups=tuple(engine.cgroups))
    except (OSError, ValueError, KeyError, TypeError):
        # Nothing is lost with a cache that cannot be read.
        return None


def _remember(cache: Path, key: str, engine: Engine) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"key": key, **asdict(evolve(engine, hold=None))})
    partial = cache.with_name(f"engine.{os.getpid()}.json")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(cache)


def _run(argv: list[str], hold: Path | None = None) -> subprocess.CompletedProcess[str]:
    # A session of its own: an interrupt at the terminal is ours to handle, and must not
    # stop the engine between making a container and recording it.
    with (
        held(hold) as given,
        subprocess.Popen(
            shielded(argv),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            out, err = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise LabError(f"{' '.join(argv[:3])}: no answer in {_TIMEOUT:.0f} s") from error
        except KeyboardInterrupt:
            process.communicate()
            raise
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    return " / ".join(lines[-3:]) or "it failed without a word"
