"""The nouns of a guide as frozen values, and how they are read and written.

Nothing here touches a host, and nothing imports Sphinx or click.
"""

from runbook.model.actions import (
    Action,
    Command,
    Dialogue,
    Disconnect,
    Edit,
    FileContent,
    InnerShell,
    Manual,
    Override,
    Place,
    Start,
    Turn,
    Typing,
)
from runbook.model.alternative import Alternative
from runbook.model.host import Cluster, Host
from runbook.model.location import Location
from runbook.model.nouns import (
    SCHEMA,
    Background,
    Capture,
    Chapter,
    Check,
    Retry,
    Runbook,
    Step,
)
from runbook.model.prompt import Prompt
from runbook.model.reading import Kind, Reading
from runbook.model.remark import Remark
from runbook.model.source_notes import Citation, SourceNote

__all__ = [
    "SCHEMA",
    "Action",
    "Alternative",
    "Background",
    "Capture",
    "Chapter",
    "Check",
    "Citation",
    "Cluster",
    "Command",
    "Dialogue",
    "Disconnect",
    "Edit",
    "FileContent",
    "Host",
    "InnerShell",
    "Kind",
    "Location",
    "Manual",
    "Override",
    "Place",
    "Prompt",
    "Reading",
    "Remark",
    "Retry",
    "Runbook",
    "SourceNote",
    "Start",
    "Step",
    "Turn",
    "Typing",
]
