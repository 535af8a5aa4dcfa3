"""The state of the program in the foreground of a terminal of this very machine.

Reading /proc in this process takes a tenth of the time that a shell needs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.dialogue.foreground import UNKNOWN, ForegroundState
from runbook.dialogue.system_calls import MACHINES, Thread, summary

_MOST_FILES: Final = 256
"""Files of one call that are looked at; more make it unknown what it waits for."""
_POLLIN: Final = 1


@frozen
class _Process:
    """Where a process stands: its group, its terminal's device, and the group in front there."""

    group: int
    device: int
    front: int

    @classmethod
    def of(cls, pid: int) -> _Process | None:
        """Return that of a process; `None` if it has ended."""
        try:
            fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            return cls(int(fields[2]), int(fields[4]), int(fields[5]))
        except (OSError, ValueError, IndexError):
            return None


def is_on_terminal(pid: int, path: str) -> bool:
    """Return whether a process of this machine has the terminal at `path`."""
    process = _Process.of(pid)
    try:
        return process is not None and process.device == Path(path).stat().st_rdev != 0
    except OSError:
        return False


def kill(pid: int) -> bool:
    """Kill what is in the foreground of the shell with that process id; false if that failed."""
    leader = _Process.of(pid)
    if leader is None or leader.front == leader.group:
        return False
    try:
        os.killpg(leader.front, signal.SIGKILL)
    except OSError:
        return False
    return True


def look(pid: int, *, others: bool = False) -> ForegroundState:
    """Return the state of the terminal of the shell with that process id.

    With `others`, processes that have opened it and were not started in it count as well.
    It is `UNKNOWN` if this process may not see it.
    """
    numbers = MACHINES.get(os.uname().machine)
    leader = _Process.of(pid)
    if numbers is None or leader is None:
        return UNKNOWN
    found: list[bool | None] = []
    device = leader.device
    try:
        for process in _descendants(pid):
            one = _Process.of(process)
            if one is None or one.device == 0 or one.group != one.front:
                continue
            # What sudo and the like start has a terminal of its own.
            device = one.device
            found += [thread.reads_terminal(numbers) for thread in _threads(process)]
        # This looks at all processes.
        for process in _others(leader.device) if others and True not in found else ():
            seen = [thread.asks(numbers) for thread in _threads(process)]
            found += [asks for asks in seen if asks is not False]
        return _with_settings(summary(found), device)
    except OSError:
        return UNKNOWN


def _descendants(pid: int) -> Iterator[int]:
    """Yield the process and those below it, breadth first."""
    queue = [pid]
    for process in queue:
        yield process
        with contextlib.suppress(OSError):
            for task in _names(f"/proc/{process}/task"):
                queue += map(int, _read(f"/proc/{process}/task/{task}/children").split())


def _others(device: int) -> Iterator[int]:
    """Yield the processes that have a terminal open, and another one of their own or none."""
    # Containers have terminals of the same numbers in file systems of their own.
    path = Path(f"/dev/pts/{os.minor(device)}")
    terminal = path.stat()
    for name in filter(str.isdecimal, _names("/proc")):
        with contextlib.suppress(OSError):
            files = [Path(f"/proc/{name}/fd/{file}") for file in _names(f"/proc/{name}/fd")]
            opened = (file for file in files if file.readlink() == path)
            if any(os.path.samestat(file.stat(), terminal) for file in opened):
                one = _Process.of(int(name))
                if one is not None and one.device != device:
                    yield int(name)


def end_others(pid: int) -> None:
    """End the processes that have the terminal of a shell open, and none of their own."""
    leader = _Process.of(pid)
    with contextlib.suppress(OSError):
        for process in _others(leader.device) if leader is not None else ():
            one = _Process.of(process)
            if one is not None and one.device == 0:
                os.kill(process, signal.SIGTERM)


def _threads(pid: int) -> Iterator[Thread]:
    """Yield the threads of a process; it may end meanwhile.

    Raises:
        OSError: this process may not see what they do.

    """
    try:
        tasks = _names(f"/proc/{pid}/task")
    except FileNotFoundError:
        return
    for task in tasks:
        place = f"/proc/{pid}/task/{task}"
        try:
            state = _read(f"{place}/stat").rpartition(")")[2].split()[0]
            call = _read(f"{place}/syscall").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        words = call.split()
        argument = int(words[1], 16) if len(words) > 1 else -1
        yield Thread(
            state,
            call,
            file=_file(pid, argument),
            watched=_watched(pid, words),
            is_main=task == str(pid),
        )


def _file(pid: int, number: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/fd/{number}").readlink()) if 0 <= number < 1 << 20 else ""
    except OSError:
        return ""


def _watched(pid: int, words: list[str]) -> tuple[str, ...] | None:
    """Return the files for whose input a call waits; `None` if that cannot be read."""
    numbers = MACHINES[os.uname().machine]
    if len(words) < 3 or not words[0].isdecimal() or not numbers.watches(int(words[0])):
        return None
    number, first, second = int(words[0]), int(words[1], 16), int(words[2], 16)
    try:
        if number in numbers.epoll:
            lines = _read(f"/proc/{pid}/fdinfo/{first}").splitlines()
            files = [int(line.split()[1]) for line in lines if line.startswith("tfd:")]
        elif number in numbers.poll:
            if second > _MOST_FILES:
                return None
            pairs = struct.iter_unpack("=ihh", _memory(pid, first, 8 * second))
            files = [file for file, events, _ in pairs if events & _POLLIN]
        else:
            size = (min(first, _MOST_FILES) + 63) // 64 * 8
            bits = int.from_bytes(_memory(pid, second, size), "little") if second else 0
            files = [file for file in range(first) if bits >> file & 1]
    except (OSError, ValueError, IndexError, struct.error):
        return None
    return tuple(_file(pid, file) for file in files)


def _memory(pid: int, address: int, size: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        return os.pread(memory.fileno(), size, address)


def _with_settings(waits: bool | None, device: int) -> ForegroundState:
    """Return the state with the settings of the terminal with that device number."""
    path = f"/dev/pts/{os.minor(device)}"
    try:
        terminal = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return ForegroundState(waits)
    try:
        modes = termios.tcgetattr(terminal)[3]
        columns = os.get_terminal_size(terminal).columns
    except (OSError, termios.error):
        return ForegroundState(waits)
    finally:
        os.close(terminal)
    return ForegroundState(waits, bool(modes & termios.ECHO), columns, bool(modes & termios.ICANON))


def _names(directory: str) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def _read(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123  # pathlib is slow
        return file.read()
