"""Find a container engine, and options with which it can boot a host on this machine.

Which options work cannot be told from version numbers: a runtime may refuse the machine's control
groups, and a limit above the caller's own cannot be granted. So combinations are tried until a real
host boots; the result is cached until the machine changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import asdict, evolve, frozen

from runbook.labs import LabError, Progress
from runbook.labs.container import loop_devices
from runbook.labs.state import CACHE, holding_lock, shared_lock

PROGRAMS: Final = ("podman", "docker")
RUNTIMES: Final = ("crun", "runc")

ContainerInfo = dict[str, Any]
"""What the engine's `inspect` says of one container."""

_LIMITS: Final = (32768, 4096)
_TIMEOUT: Final = 600.0
_STILL_ALIVE: Final = "did not die within timeout"
_KILL_ATTEMPTS: Final = 6
"""How many times to try to stop or remove a container whose processes are slow to die."""


@frozen
class Engine:
    """A container engine, with the options that it needs to start a host on this machine.

    Its commands hold the `state.shared_lock` on `lock_directory`, if there is one.
    """

    program: str
    runtime: str = ""
    ulimits: tuple[str, ...] = ()
    cgroups: tuple[str, ...] = ()
    lock_directory: Path | None = None

    def __str__(self) -> str:
        words = [self.program, *([f"with {self.runtime}"] if self.runtime else [])]
        return " ".join([*words, *self.run_options()])

    def ulimit_options(self) -> list[str]:
        """Return the ulimit options, which image builds need as well."""
        return [f"--ulimit={limit}" for limit in self.ulimits]

    def run_options(self) -> list[str]:
        """Return the options that every container needs to start."""
        return [*self.ulimit_options(), *self.cgroups]

    def argv(self, verb: str, *arguments: str) -> list[str]:
        """Return the command line of the engine's subcommand `verb`."""
        if self.program == "podman":
            return ["podman", *([f"--runtime={self.runtime}"] if self.runtime else []), verb,
                    *arguments]  # fmt: skip
        runtime = [f"--runtime={self.runtime}"] if self.runtime and verb == "run" else []
        return ["docker", verb, *runtime, *arguments]

    def call(self, verb: str, *arguments: str) -> str:
        """Run the engine's subcommand `verb` and return its output.

        Raises:
            LabError: it fails; the message is the engine's.

        """
        done = _run(self.argv(verb, *arguments), self.lock_directory)
        if done.returncode != 0:
            error = _last_lines(done.stderr or done.stdout)
            raise LabError(f"{self.program} {verb}: {error}")
        return done.stdout

    def inspect(self, names: list[str]) -> dict[str, ContainerInfo]:
        """Return the engine's information on those containers that exist, by name."""
        done = _run(self.argv("container", "inspect", *names))
        try:
            found = json.loads(done.stdout or "[]")
        except ValueError as error:
            raise LabError(f"{self.program} inspect: {_last_lines(done.stderr)}") from error
        return {str(one["Name"]).lstrip("/"): one for one in found}

    def remove(self, *names: str) -> None:
        """Remove those of the containers that exist, with their anonymous volumes.

        Raises:
            LabError: one cannot be removed.

        """
        # Without --ignore, podman 4.3 silently removes nothing if one container does not exist.
        podman = ["--time=0", "--ignore"] if self.program == "podman" else []
        self._kill(["rm", "--force", "--volumes", *podman], names)

    def stop(self, *names: str) -> None:
        """Stop containers at once, without giving their programs time to end.

        Raises:
            LabError: one cannot be stopped.

        """
        self._kill(["stop", "--time=0"], names)

    def _kill(self, command: Sequence[str], names: Sequence[str]) -> None:
        """End containers by a command of the engine; they leave no loop devices."""
        with loop_devices.freed(lambda: self.inspect(list(names)).values()):
            for attempt in range(_KILL_ATTEMPTS):
                try:
                    self.call(*command, *names)
                except LabError as error:
                    # A process that is killed while it writes to a busy disk is slow to die;
                    # podman waits only 5 s.
                    if _STILL_ALIVE not in str(error) or attempt == _KILL_ATTEMPTS - 1:
                        raise
                else:
                    return

    def systemd_options(self) -> list[str]:
        """Return the options for a container that boots systemd and has no network.

        As far as possible they keep the engine from writing /etc/hosts, which steps may edit.
        """
        options = ["--privileged", "--network=none", *self.run_options()]
        if self.program == "podman":
            return [*options, "--systemd=always", "--no-hosts"]
        mounts = ["--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec"]
        return [*options, *mounts, "--env=container=docker", "--stop-signal=SIGRTMIN+3"]


def available_engines() -> Iterator[Engine]:
    """Yield the engines that work; a client without its daemon does not."""
    for name in PROGRAMS:
        if shutil.which(name) and _run([name, "ps", "--quiet"]).returncode == 0:
            yield Engine(name)


def installed_engines() -> list[Engine]:
    """Return the engines that work; none if none is installed.

    Raises:
        LabError: what is installed does not work.

    """
    engines = list(available_engines())
    if not engines and any(map(shutil.which, PROGRAMS)):
        default_engine()  # raises an error that says why
    return engines


def default_engine() -> Engine:
    """Return the first engine that works, with no options for starting hosts yet.

    Raises:
        LabError: there is none.

    """
    for engine in available_engines():
        return engine
    reasons = []
    for name in PROGRAMS:
        if shutil.which(name) is None:
            reasons.append(f"{name} is not installed")
        else:
            reasons.append(f"{name}: {_last_lines(_run([name, 'ps', '--quiet']).stderr)}")
    raise LabError("no container engine works here: " + "; ".join(reasons))


def candidates(name: str, runtimes: list[str], hard: tuple[int, int]) -> Iterator[Engine]:
    """Yield the combinations of options to try with engine `name`, the most common first.

    `hard` are the caller's hard limits of open files and of processes; -1 means unlimited. Engines
    ask for more than an unprivileged root may grant, so lower limits are tried as well.
    """
    files, processes = hard
    ulimits: list[tuple[str, ...]] = [()]
    for limit in _LIMITS:
        pair = [limit if ours < 0 else min(ours, limit) for ours in (files, processes)]
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


def find_working(engine: Engine, attempt: Callable[[Engine], None], progress: Progress) -> Engine:
    """Return `engine` with the first options with which `attempt` succeeds.

    Raises:
        LabError: none works; the message holds the error of each attempt.

    """
    hard = (
        resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        resource.getrlimit(resource.RLIMIT_NPROC)[1],
    )
    runtimes = [name for name in RUNTIMES if shutil.which(name)]
    cache = CACHE / "engine.json"
    key = _key(engine.program, runtimes, hard)
    cached = _load(cache, key)
    if cached is not None and cached.program == engine.program:
        return cached
    failures: list[str] = []
    for candidate in candidates(engine.program, runtimes, hard):
        try:
            attempt(candidate)
        except LabError as error:
            failures.append(f"  {candidate}: {error}")
            continue
        if failures:
            progress(f"engine: {candidate} (found after {len(failures) + 1} attempts)")
        _store(cache, key, candidate)
        return candidate
    raise LabError("no container engine can boot a host on this machine:\n" + "\n".join(failures))


def clear_cache() -> None:
    """Delete the cached engine options, so that the next lab tries all of them again."""
    (CACHE / "engine.json").unlink(missing_ok=True)


def _key(name: str, runtimes: list[str], hard: tuple[int, int]) -> str:
    """Return a key that changes when the machine reboots, or when engines or limits change."""
    parts: list[object] = [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), *hard]
    for tool in (name, *runtimes):
        found = shutil.which(tool)
        parts.append([tool, found, Path(found).stat().st_mtime_ns if found else 0])
    source = Path(__file__).read_bytes()
    return hashlib.sha256(json.dumps(parts).encode() + source).hexdigest()


def _load(cache: Path, key: str) -> Engine | None:
    try:
        stored = json.loads(cache.read_text(encoding="utf-8"))
        if stored.pop("key") != key:
            return None
        engine = Engine(**stored)
        return evolve(engine, ulimits=tuple(engine.ulimits), cgroups=tuple(engine.cgroups))
    except (OSError, ValueError, KeyError, TypeError):
        # A cache that cannot be read is the same as none.
        return None


def _store(cache: Path, key: str, engine: Engine) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"key": key, **asdict(evolve(engine, lock_directory=None))})
    partial = cache.with_name(f"engine.{os.getpid()}.json")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(cache)


def _run(argv: list[str], lock_directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    # A new session, so that Ctrl-C reaches only this program and does not stop the engine between
    # creating a container and recording it.
    with (
        shared_lock(lock_directory) as lock,
        subprocess.Popen(
            holding_lock(argv),
            stdin=lock,
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
    return " / ".join(lines[-3:]) or "it failed without any output"
