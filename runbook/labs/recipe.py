"""Forms that several labs use in their parts of the cluster file."""

from __future__ import annotations

from typing import Annotated

from runbook.model.structure import Form

Package = Annotated[str, Form(r"[a-z0-9][a-z0-9+.-]+", "a package name")]

MountPoint = Annotated[str, Form(r"/[\w./-]+|", "an absolute path")]
"""Where a file system is mounted; empty for none."""
