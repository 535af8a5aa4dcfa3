"""What a thread waits for, told by its system call: its terminal, something else, or both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

_BUSY: Final = re.compile(r"nanosleep|do_wait|pipe_|n_tty_write|tty_write|unix_stream|futex")
_TERMINAL: Final = re.compile(r"/dev/(?:pts/\d+|tty\w*|console)\Z")
_ALL_ONES: Final = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


@frozen
class CallNumbers:
    """The numbers of the system calls with which a program waits for input, on one machine.

    `opaque` are those that do not show what they wait for.
    """

    read: frozenset[int]
    poll: frozenset[int]
    select: frozenset[int]
    epoll: frozenset[int]
    opaque: frozenset[int]

    def watches(self, number: int) -> bool:
        """Return whether the call waits for any of several files."""
        return number in self.poll or number in self.select or number in self.epoll


# read readv; poll ppoll; select pselect6; epoll_wait epoll_pwait epoll_pwait2;
# restart_syscall io_getevents io_pgetevents io_uring_enter
X86_64: Final = CallNumbers(
    frozenset({0, 19}),
    frozenset({7, 271}),
    frozenset({23, 270}),
    frozenset({232, 281, 441}),
    frozenset({219, 208, 333, 426}),
)
AARCH64: Final = CallNumbers(
    frozenset({63, 65}),
    frozenset({73}),
    frozenset({72}),
    frozenset({22, 441}),
    frozenset({128, 4, 292, 426}),
)
MACHINES: Final = {"x86_64": X86_64, "aarch64": AARCH64}
"""The numbers by the name of the machine, as of `uname -m`."""


@frozen
class Thread:
    """A thread of a program in the foreground, as the kernel shows it.

    `call` is its system call with the arguments, empty if the kernel does not show it; `function`
    is the kernel function that it sleeps in. `file` is the one that it reads, `watched` are those
    that it waits for any of, `None` if that is unknown.
    """

    state: str
    call: str
    function: str = ""
    file: str = ""
    watched: tuple[str, ...] | None = None
    is_main: bool = True

    def reads_terminal(self, numbers: CallNumbers) -> bool | None:
        """Return whether it waits for its terminal; `None` if perhaps, or for others as well.

        Where a thread beside the main one reads, the program may be busy nevertheless.
        """
        found = self._reads_terminal(numbers)
        return None if found and not self.is_main else found

    def asks(self, numbers: CallNumbers) -> bool | None:
        """Return the same of a thread that was not started in the terminal.

        It must be seen to use it now: many have a terminal open without any need.
        """
        found = self.reads_terminal(numbers)
        uses = any(is_terminal(file) for file in (self.file, *(self.watched or ())))
        return found if uses else False

    def _reads_terminal(self, numbers: CallNumbers) -> bool | None:
        if self.state in "RDZTXt" or self.call == "running":
            return False
        words = self.call.split()
        if not words or not words[0].isdecimal():
            return False if _BUSY.search(self.function) else None
        number = int(words[0])
        if number in numbers.read:
            return is_terminal(self.file)
        if numbers.watches(number):
            return self._watches_terminal(timed=_is_timed(numbers, words))
        return None if number in numbers.opaque else False

    def _watches_terminal(self, *, timed: bool) -> bool | None:
        if self.watched is None:
            return None
        terminals = [is_terminal(file) for file in self.watched]
        if not any(terminals):
            return False
        return True if all(terminals) and not timed else None


def is_terminal(file: str) -> bool:
    """Return whether a file is a terminal, by its path."""
    return bool(_TERMINAL.match(file))


def _is_timed(numbers: CallNumbers, words: Sequence[str]) -> bool:
    """Return whether a waiting call ends by itself after a time."""
    arguments = [int(word, 16) for word in words[1:]]
    number = int(words[0])
    # The time is a pointer, or milliseconds where the call has an old form without pointers.
    place = 4 if number in numbers.select else 3 if number in numbers.epoll else 2
    if len(arguments) <= place:
        return False
    return arguments[place] != 0 and arguments[place] not in _ALL_ONES


def summary(found: Sequence[bool | None]) -> bool | None:
    """Return whether any thread waits for the terminal; `None` if that is open."""
    if any(found):
        return True
    return False if found and None not in found else None
