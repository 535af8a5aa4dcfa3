"""Gives a shell to the person at this terminal, and takes it back at its prompt.

Meanwhile it is an ordinary shell: with a prompt, an echo and line editing. Its marks stay, since
they tell when it is at its prompt, but are not shown.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from runbook.errors import RunbookError
from runbook.terminal.bash import quote
from runbook.terminal.channel import Channel
from runbook.terminal.faults import HostLost
from runbook.terminal.marks import BEGIN, END, RETURNED

ESCAPE_KEY: Final = b"\x1d"
"""Ctrl-]: gives the shell back, whatever runs in it."""

_END_OF_INPUT: Final = b"\x04"
_TIMEOUT: Final = 10.0
"""Seconds in which the shell must be at its prompt again."""
_TAKE_BACK: Final = (
    '[ "${__runbook_lent-}" ] && unset -f exit logout;'
    ' [ "${__runbook_eof-}" ] || set +o ignoreeof; history -c; set +o history;'
    ' export TERM="$__runbook_term";'
    " unset -v __runbook_lent __runbook_eof __runbook_term __runbook_person"
)


class _ReturnedError(Exception):
    """The person has given the shell back."""


def hand_over(channel: Channel, host: str) -> None:
    """Let the person at this terminal use the shell until they leave it.

    They leave it with `exit`, Ctrl-D at the prompt, or Ctrl-]. Afterwards the shell is at our
    prompt, unless they have ended it.

    Raises:
        HostLost: the shell does not come back; it is then closed.
        RunbookError: this process has no terminal.

    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RunbookError("a session can be handed over only at a terminal")
    person = _Person(channel)
    channel.terminal.send(_lend(channel.nonce).encode("ascii"), time.monotonic() + _TIMEOUT)
    try:
        channel.terminal.interact(person.type, person.show)
    except _ReturnedError:
        with channel.quiet():
            if not _take_back(channel, person) and channel.alive:
                channel.close()
                raise HostLost(
                    f"{host}: the shell did not come back from what runs in it"
                ) from None
    else:
        channel.alive = False


class _Person:
    """What the person types and sees, and whether the shell waits for the start of a line."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.at_prompt = False
        self.left = False

    def type(self, data: bytes) -> bytes:
        """Return what is passed on of the keys that were pressed."""
        if not data or ESCAPE_KEY in data:
            raise _ReturnedError
        if data == _END_OF_INPUT and self.at_prompt:
            raise _ReturnedError
        self.at_prompt = False
        return data

    def show(self, data: bytes) -> bytes:
        """Return what is shown of the output."""
        shown = b""
        for item in self._channel.parse(data):
            if isinstance(item, bytes):
                shown += b"" if self.left else item
            elif item.kind == RETURNED:
                self.left, self.at_prompt = True, False
            elif item.kind in (BEGIN, END):
                self.at_prompt = item.kind == END
        if self.left:
            os.write(sys.stdout.fileno(), shown)
            raise _ReturnedError
        return shown


def _lend(nonce: str) -> str:
    """Return the line that makes the shell one for a person."""
    term = quote(os.environ.get("TERM") or "dumb")
    leave = f'{{ [ "$BASHPID" = $$ ] || builtin exit "$@"; __runbook_mark {RETURNED}; }}'
    return (
        '{ __runbook_s=$? __runbook_person=1 __runbook_term=${TERM-}; [ "${__runbook_ps1-}" ] ||'
        " __runbook_ps1='\\u@\\h:\\w\\$ ';"
        " case :$SHELLOPTS: in *:ignoreeof:*) __runbook_eof=1;; *) __runbook_eof=;; esac;"
        f" export TERM={term}; __runbook_stty sane; set -o emacs -o ignoreeof -o history;"
        # The mode in which a terminal tells what is pasted would have to be left again.
        " bind 'set enable-bracketed-paste off'; __runbook_lent=;"
        " declare -F exit || declare -F logout || { __runbook_lent=1;"
        f" function exit {leave}; function logout {leave}; }};"
        f" declare PS0=$'\\e]133;{BEGIN};{nonce}\\a' PS2='> ';"
        # Where the prompt has to be the mark, it stays so.
        ' case ${PS1-} in *133*) PS1="\\[$PS1\\]$__runbook_ps1";; "") PS1=$__runbook_ps1;; esac;'
        " __runbook_status $__runbook_s; } >/dev/null 2>&1\n"
    )


def _take_back(channel: Channel, person: _Person) -> bool:
    """Bring the shell back to our prompt; false if that fails."""
    deadline = time.monotonic() + _TIMEOUT
    if not person.at_prompt and not (
        channel.await_prompt(deadline) if person.left else channel.press_interrupt()
    ):
        return False
    # First its line editing ends, which would take time over our long lines.
    channel.terminal.send(b"set +o emacs +o vi\r", deadline)
    if not channel.await_prompt(deadline) or not channel.set_up(deadline):
        return False
    rows, columns = channel.terminal.size
    # A relay such as ssh tells the far terminal of its size later, at no known time.
    size = f"__runbook_stty rows {rows} columns {columns} </dev/tty"
    channel.query(f"{{ {size}; {_TAKE_BACK}; }} 2>/dev/null", deadline)
    return True
