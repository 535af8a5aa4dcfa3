"""Testinfra's hosts over our own transport: its vocabulary, and our pipe.

Testinfra asks every new host object what system it is on, with as many commands as ten checks
need. What no step can change while a host is connected is asked once for each pipe.
"""

from __future__ import annotations

import difflib
import weakref
from collections.abc import Callable
from typing import Any, Final

import testinfra.host
import testinfra.modules
from attrs import define
from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.modules.systeminfo import SystemInfo

from runbook.execution import secrets
from runbook.model.secret_reference import only_reference
from runbook.observation.cover import Asked
from runbook.terminal.pipe import Pipe

COMMAND_TIMEOUT: Final = 60.0
"""Seconds that one command of a check may take; an emulated host gets more."""
_SHOWN: Final = 500
"""Characters of a command's output that a message about it shows, the last ones."""


class _Result(CommandResult):  # type: ignore[misc]  # testinfra ships no types
    """A command's result that says in a message what a reader of the guide understands."""

    def __repr__(self) -> str:
        command = self.backend.decode(self.command)
        return (
            f"<{command!r} on {self.backend.get_hostname()}: exit status {self.rc}, "
            f"stdout {_end(self.stdout)!r}, stderr {_end(self.stderr)!r}>"
        )


class PipeBackend(BaseBackend):  # type: ignore[misc]  # testinfra ships no types
    """Let testinfra run its commands through a host's pipe."""

    NAME = "runbook"

    def __init__(self, pipe: Pipe, host: str, timeout_factor: float) -> None:
        super().__init__(host)
        self._timeout = COMMAND_TIMEOUT * timeout_factor
        self._pipe = pipe
        self._encoding = "utf-8"
        self.asked: set[Asked] = set()

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run `command`, its `%s` replaced by the quoted `args`, and return its result."""
        line = self.get_command(command, *args)
        self.asked.add(Asked("", line))
        result = self._pipe.run(line, timeout=self._timeout)
        return _Result(self, result.status, self.encode(line), result.stdout, result.stderr)

    def decode(self, data: bytes) -> str:
        """Return `data` as text; a program's stray byte must not end a check."""
        return data.decode("utf-8", errors="backslashreplace")

    def __repr__(self) -> str:
        return f"<host {self.hostname}>"


def _end(text: str) -> str:
    """Return the last characters of `text`, which may be megabytes."""
    return text if len(text) <= _SHOWN else f"...{text[-_SHOWN:]}"


@define
class _System:
    """What testinfra asked of a system that stays true for as long as its kernel runs.

    The release does not: a guide may upgrade it.
    """

    kernel: tuple[str, str] | None = None
    """What `uname` calls the system and the machine."""
    package: Any = None
    """Testinfra's class for the packages of this system."""


_SYSTEMS: Final[weakref.WeakKeyDictionary[Pipe, _System]] = weakref.WeakKeyDictionary()


class _SystemInfo(SystemInfo):  # type: ignore[misc]
    """System information of which the kernel's part is asked once for each pipe."""

    @property
    def type(self) -> str:
        """The kernel's name in lower case, as `linux`."""
        return self._kernel()[0].lower()

    @property
    def arch(self) -> str:
        """The machine's architecture, as `x86_64`."""
        return self._kernel()[1]

    def _kernel(self) -> tuple[str, str]:
        system: _System = self._host.system
        if system.kernel is None:
            name, _, machine = self.check_output("uname -sm").rpartition(" ")
            system.kernel = name, machine
        return system.kernel


class _Host(testinfra.host.Host):  # type: ignore[misc]
    """A testinfra host that knows its system already, if another one on its pipe does."""

    has_command_v = True  # it is a builtin of the pipe's bash

    def __init__(self, backend: PipeBackend, system: _System, secret: Callable[[str], str]) -> None:
        super().__init__(backend)
        self.system = system
        self._secret = secret

    def secret(self, name: str) -> str:
        """Return the value of a secret, by its name or as a reference to it."""
        return self._secret(only_reference(name) or name)

    def __repr__(self) -> str:
        return f"<host {self.backend.get_hostname()}>"

    def __getattr__(self, name: str) -> Any:
        if name not in testinfra.modules.modules:
            near = difflib.get_close_matches(name, testinfra.modules.modules, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"a host has no {name!r}{hint}")
        if name == "system_info":
            module: Any = _SystemInfo.get_module(self)
        elif name == "package" and (known := self.system.package) is not None:
            module = type(known.__name__, (known,), {"_host": self})
        else:
            module = super().__getattr__(name)
            if name == "package":
                self.system.package = module.__base__
        if isinstance(module, type):
            module = _recorded(module, name, self.backend.asked)
        setattr(self, name, module)
        return module


def _recorded(module: type, name: str, asked: set[Asked]) -> type:
    """Return the `module` called `name` that also says what it was asked about."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        asked.update(Asked(name, one) for one in args if isinstance(one, str))
        module.__init__(self, *args, **kwargs)  # type: ignore[misc]

    # An explanation shows it as testinfra's own.
    return type(module.__name__, (module,), {"__init__": __init__, "__module__": module.__module__})


def asked_of(host: testinfra.host.Host) -> set[Asked]:
    """Return what was asked of `host` so far; whoever empties it begins anew."""
    backend = host.backend
    return backend.asked if isinstance(backend, PipeBackend) else set()


def testinfra_host(
    pipe: Pipe,
    name: str,
    timeout_factor: float,
    secret: Callable[[str], str] = secrets.resolve,  # noqa: PT028  # it is no test
) -> testinfra.host.Host:
    """Return a new testinfra host called `name` that is reached through `pipe`.

    `timeout_factor` is how many times longer its commands may take. `secret` gives the value of a
    secret.
    """
    backend = PipeBackend(pipe, name, timeout_factor)
    host = _Host(backend, _SYSTEMS.setdefault(pipe, _System()), secret)
    backend.set_host(host)
    return host
