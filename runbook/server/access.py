"""Who may ask the server for something: by a token in the address, then by a cookie.

Any program of this machine, and any page that the operator has open, can send requests to the
loopback. A request must therefore know a secret, and come from a page of this very server.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

PARAMETER: Final = "token"
"""The parameter of an address that has the token; it is exchanged for a cookie at once."""

_LOOPBACK: Final = re.compile(
    r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE
)


class Role(enum.Enum):
    """What somebody may do: look, or also act."""

    VIEW = "view"
    ACT = "act"


@frozen
class Access:
    """The secrets of one server; they end with it.

    `port` is part of the cookie's name, because a browser sends the cookies of a machine to all
    its ports. Without `acting` nobody may do more than look.
    """

    port: int
    acting: bool = False
    _tokens: dict[Role, str] = field(
        factory=lambda: {role: secrets.token_urlsafe(32) for role in Role}, repr=False
    )

    @property
    def cookie(self) -> str:
        """The name of the cookie."""
        return f"runbook-{self.port}"

    def token(self, role: Role) -> str:
        """Return the token that an address has for somebody in that role."""
        return self._tokens[role]

    def role_of_token(self, given: str) -> Role | None:
        """Return the role of somebody who gives this token, `None` if it is no token."""
        return self._role(given, lambda token: token)

    def role_of_cookie(self, given: str) -> Role | None:
        """Return the role of somebody who has this cookie, `None` if it is none of ours."""
        return self._role(given, _cookie_of)

    def cookie_for(self, role: Role) -> str:
        """Return the value of the cookie, from which the token cannot be told."""
        return _cookie_of(self._tokens[role])

    def _role(self, given: str, secret: Callable[[str], str]) -> Role | None:
        found = None
        # All are compared, each in constant time, so that the time tells nothing.
        for role, token in self._tokens.items():
            if hmac.compare_digest(secret(token).encode(), given.encode()):
                found = role
        return Role.VIEW if found is Role.ACT and not self.acting else found


def _cookie_of(token: str) -> str:
    return hmac.new(token.encode(), b"cookie", hashlib.sha256).hexdigest()


def is_loopback(host: str) -> bool:
    """Tell whether the header Host names this machine.

    Any other name is one that somebody has made lead here, to be of the same origin as we are.
    The port may be another: that of a tunnel.
    """
    return _LOOPBACK.fullmatch(host) is not None


def is_own_origin(origin: str, host: str) -> bool:
    """Tell whether the header Origin is that of a page which this server gave."""
    return origin.lower() == f"http://{host.lower()}"
