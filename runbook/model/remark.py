"""Remarks: what was noticed in the prose of a guide, which the steps alone do not show."""

from __future__ import annotations

from attrs import frozen

from runbook.model.location import Location


@frozen(order=True)
class Remark:
    """Something about a line of prose; `kind` is that of the lint finding which shows it.

    `suggestion` is what to write instead, or empty.
    """

    location: Location
    kind: str
    message: str
    suggestion: str = ""
