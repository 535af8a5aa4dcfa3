"""The variables of Ansible that say how to reach a machine; each is respected or refused.

All other variables are none of ours: what an inventory also holds, such as passwords of programs,
is not looked at.
"""

from __future__ import annotations

import getopt
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import evolve

from runbook.labs.protocol import LabError
from runbook.labs.ssh_settings import Login

# Of several names the last one that is set wins, as with Ansible.
_HOST: Final = ("ansible_host", "ansible_ssh_host")
_PORT: Final = ("ansible_port", "ansible_ssh_port")
_USER: Final = ("ansible_user", "ansible_ssh_user")
_KEY: Final = ("ansible_private_key_file", "ansible_ssh_private_key_file")
_METHOD: Final = ("ansible_become_method",)
_PROGRAM: Final = ("ansible_become_exe", "ansible_sudo_exe")
_AS: Final = ("ansible_become_user", "ansible_sudo_user")
_FLAGS: Final = ("ansible_become_flags", "ansible_sudo_flags")
_KEY_CHECKING: Final = ("ansible_host_key_checking", "ansible_ssh_host_key_checking")
_ARGUMENTS: Final = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_PASSWORDS: Final = (
    "ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_paramiko_pass",
    "ansible_paramiko_password", "ansible_become_pass", "ansible_become_password",
    "ansible_sudo_pass", "ansible_su_pass", "ansible_private_key", "ansible_ssh_private_key",
    "ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase",
)  # fmt: skip
USED: Final = frozenset(
    {
        *_HOST, *_PORT, *_USER, *_KEY, *_METHOD, *_PROGRAM, *_AS, *_FLAGS, *_KEY_CHECKING,
        *_ARGUMENTS, *_PASSWORDS, "ansible_connection", "ansible_become", "ansible_ssh_executable",
        "ansible_shell_type",
    }
)  # fmt: skip
"""The variables that are looked at."""

_SSH: Final = frozenset(
    ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh",
     "ansible.builtin.paramiko_ssh")
)  # fmt: skip
_LOCAL: Final = frozenset(("local", "ansible.builtin.local"))
_NO: Final = frozenset(("no", "false", "off", "n", "f", "0", "0.0"))
_SUDO_FLAGS: Final = frozenset(("-H", "-S", "-n"))

_LETTERS: Final = "1246AaB:b:Cc:F:I:i:J:KkL:l:m:o:p:qTtvx"
_MEANINGS: Final = {
    "-4": "AddressFamily=inet", "-6": "AddressFamily=inet6", "-A": "ForwardAgent=yes",
    "-a": "ForwardAgent=no", "-B": "BindInterface=", "-b": "BindAddress=", "-C": "Compression=yes",
    "-c": "Ciphers=", "-I": "PKCS11Provider=", "-i": "IdentityFile=", "-J": "ProxyJump=",
    "-K": "GSSAPIAuthentication=yes", "-k": "GSSAPIDelegateCredentials=no", "-l": "User=",
    "-m": "MACs=", "-o": "", "-p": "Port=", "-x": "ForwardX11=no",
}  # fmt: skip
_WITHOUT_MEANING: Final = frozenset(("-1", "-2", "-q", "-T", "-t", "-v"))
_OURS: Final = frozenset(
    ("batchmode", "controlmaster", "controlpath", "controlpersist", "loglevel", "requesttty")
)
"""Settings that only decide how Ansible itself works with ssh."""
_VERIFIED: Final = (
    "a machine's key is always verified; make it known once, with ssh, and leave this out"
)
_REFUSED: Final = frozenset(
    ("remotecommand", "stdinnull", "sessiontype", "forkafterauthentication")
)


class Variables:
    """The variables of one machine of an inventory, which is called `machine` there."""

    def __init__(self, inventory: Path, machine: str, values: Mapping[str, object]) -> None:
        self._inventory = inventory
        self._machine = machine
        self._values = values

    def login(self) -> Login | None:
        """Return how to log in to the machine; `None` if it is this machine.

        Raises:
            LabError: a variable asks for something that there is not.

        """
        self._refuse_passwords()
        how = self._text("ansible_connection") or "ssh"
        if how not in _SSH | _LOCAL:
            raise self._error("ansible_connection", f"{how!r} is neither ssh nor local")
        if (shell := self._text("ansible_shell_type") or "sh") not in ("sh", "bash"):
            raise self._error("ansible_shell_type", f"{shell!r}: a guide's hosts have bash")
        user = self._text(*_USER)
        if user is not None and (user.startswith("-") or not user.strip()):
            raise self._error(_USER[0], f"{user!r} is not a user name")
        self._refuse_other_becoming(how, user)
        if how in _LOCAL:
            return None
        if (program := self._text("ansible_ssh_executable")) and Path(program).name != "ssh":
            raise self._error("ansible_ssh_executable", f"{program!r} is not ssh")
        if self._says_no(*_KEY_CHECKING):
            raise self._error(_KEY_CHECKING[0], _VERIFIED)
        login = Login(self._address(), user, self._port(), self._file(*_KEY))
        for name in _ARGUMENTS:
            login = self._with_arguments(login, name)
        return login

    def _address(self) -> str:
        address = self._text(*_HOST) or self._machine
        if address.startswith("-") or any(one.isspace() for one in address):
            raise self._error(_HOST[0], f"{address!r} is not an address or the name of a machine")
        return address

    def _port(self) -> int | None:
        text = self._text(*_PORT)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise self._error(_PORT[0], f"{text!r} is not a number from 1 to 65535")
        return int(text)

    def _refuse_passwords(self) -> None:
        for name in _PASSWORDS:
            if self._values.get(name) in (None, ""):
                continue
            raise self._error(
                name,
                "no password is typed: a login needs a key that the agent or ssh can use, and sudo "
                "must not ask for one; leave the variable out, or empty",
            )

    def _refuse_other_becoming(self, how: str, user: str | None) -> None:
        expected = (
            (_METHOD, "sudo", "other users are reached by sudo"),
            (_PROGRAM, "sudo", "other users are reached by sudo"),
            (_AS, "root", "each step of a guide says itself which user it is for"),
        )
        for names, value, why in expected:
            text = self._text(*names)
            if text not in (None, value) and Path(str(text)).name != value:
                raise self._error(names[0], f"{text!r} is not {value}: {why}")
        if unknown := set((self._text(*_FLAGS) or "").split()) - _SUDO_FLAGS:
            raise self._error(_FLAGS[0], f"{min(unknown)!r}: sudo is called with -n and -H")
        if self._says_no("ansible_become") and user != "root" and how not in _LOCAL:
            raise self._error(
                "ansible_become", "steps of a guide are for root unless they name another user"
            )

    def _with_arguments(self, login: Login, name: str) -> Login:
        """Return `login` with the options of ssh's command line in the variable `name`."""
        try:
            given, rest = getopt.getopt(shlex.split(self._text(name) or ""), _LETTERS)
        except (getopt.GetoptError, ValueError) as error:
            raise self._error(
                name, f"{error}; ssh's own settings can have what is missing"
            ) from None
        if rest:
            raise self._error(name, f"{rest[0]!r} is no option of ssh")
        options = []
        for letter, value in given:
            if letter == "-F":
                login = evolve(login, config=self._existing(name, value))
            elif letter not in _WITHOUT_MEANING and self._is_meant(
                name, option := f"{_MEANINGS[letter]}{value}"
            ):
                options.append(option)
        return evolve(login, options=(*login.options, *options))

    def _is_meant(self, name: str, option: str) -> bool:
        """Return whether an option is to be passed on; raise an error if it is refused."""
        key, _, value = option.replace(" ", "=", 1).partition("=")
        key, value = key.strip().lower(), value.strip(' ="')
        if key == "stricthostkeychecking" and value.lower() != "yes":
            raise self._error(name, f"StrictHostKeyChecking={value}: {_VERIFIED}")
        if key == "userknownhostsfile" and value == "/dev/null":
            raise self._error(name, f"UserKnownHostsFile={value}: {_VERIFIED}")
        if key in _REFUSED:
            raise self._error(name, f"the option {key} would keep a shell from starting")
        return key not in _OURS

    def _file(self, *names: str) -> Path | None:
        text = self._text(*names)
        return None if text is None else self._existing(names[-1], text)

    def _existing(self, name: str, text: str) -> Path:
        path = Path(text).expanduser().absolute()
        if not path.is_file():
            raise self._error(name, f"there is no file {path}")
        return path

    def _says_no(self, *names: str) -> bool:
        return (self._text(*names) or "yes").lower() in _NO

    def _text(self, *names: str) -> str | None:
        """Return the value that counts of those called `names`; none if it is empty."""
        found = [name for name in names if self._values.get(name) is not None]
        if not found:
            return None
        name, value = found[-1], self._values[found[-1]]
        if isinstance(value, dict) and "__ansible_vault" in value:
            raise self._error(
                name,
                "the single value is encrypted, and ansible-inventory keeps it so; encrypt the "
                "file as a whole, or write this value in the clear",
            )
        if not isinstance(value, str | int | float):
            raise self._error(name, "must be a text")
        text = str(value)
        if "{{" in text or "{%" in text:
            raise self._error(
                name, "it is a template, which ansible-inventory does not fill in; write it out"
            )
        return text or None

    def _error(self, name: str, why: str) -> LabError:
        return LabError(f"{self._inventory}: {self._machine}: {name}: {why}")
