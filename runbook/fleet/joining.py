"""Why a scheduler lets a program not in, in words of who tries."""

from __future__ import annotations

from typing import Final

from runbook.errors import RunbookError

REFUSALS: Final = (OSError, RuntimeError, TypeError, ValueError)
"""What Dask raises if it cannot connect: errors of the network, of TLS, and of addresses."""
_TLS: Final = "tls://"


def refused(address: str, error: BaseException) -> RunbookError:
    """Return the error of a program that could not join the scheduler at `address`."""
    cause = error
    while (earlier := cause.__cause__ or cause.__context__) is not None:
        cause = earlier
    if not address.startswith(_TLS):
        hint = f"a scheduler with TLS is at {_TLS}, and takes --tls-ca, --tls-cert and --tls-key"
    elif isinstance(cause, TypeError):
        # Dask has found no certificate, neither given nor configured.
        return RunbookError(f"{address}: needs --tls-ca, --tls-cert and --tls-key")
    else:
        hint = "all certificates must be signed by the authority of --tls-ca"
    why = " ".join(str(cause).split()) or type(cause).__name__
    return RunbookError(f"{address}: no scheduler lets this program in: {why}; {hint}")
