"""The guide answers `engine-setup` on an engine that is set up, and `engine-cleanup`, to the end.

The stand-in asks as ovirt-engine 4.5.7, ovirt-dwh 4.5.9 and ovirt-engine-keycloak 15.0.2-7 do, in
their order, and wraps to the terminal. The order is that of the genuine programs, which were run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from runbook.model import Dialogue, Runbook
from runbook.terminal.faults import DialogueStopped
from tests.support.otopi import Question, converse, ok_or_cancel, yes_or_no

Items = tuple[str | Question, ...]

UPDATE = "operations/updates/update-the-engine"
RENEW = "operations/certificates/renew-the-certificate-of-the-web-server"
RESTORE = "operations/backup/put-the-engine-back-on-its-own-server"
PROXY = "consoles/websocket/set-the-proxy-up-if-it-was-refused-before"
REMOVE = "engine/standalone/remove-the-engine"

_VACUUM = (
    "\nThis operation may take a while depending on this setup health and the"
    "\nconfiguration of the db vacuum process."
    "\nSee https://www.postgresql.org/docs/12/sql-vacuum.html\n"
)
FIREWALL: Items = (
    "\nSetup can automatically configure the firewall on this system."
    "\nNote: automatic configuration of the firewall may overwrite current settings.\n",
    yes_or_no("Do you want Setup to configure the firewall? ", "Yes"),
)
BACKUP = yes_or_no(
    "The detected DWH database size is 28 MB.\nSetup can backup the existing database. The time"
    " and space required for the database backup depend on its size. This process takes time, and"
    " in some cases (for instance, when the size is few GBs) may take several hours to complete.\n"
    "If you choose to not back up the database, and Setup later fails for some reason, it will not"
    " be able to restore the database and all DWH data will be lost.\n"
    "Would you like to backup the existing database before upgrading it? ",
    "Yes",
)
VACUUM_HISTORY = yes_or_no(
    "Perform full vacuum on the oVirt engine history\ndatabase ovirt_engine_history@localhost?"
    + _VACUUM,
    "No",
)
VACUUM_ENGINE = yes_or_no(
    "Perform full vacuum on the engine database engine@localhost?" + _VACUUM, "No"
)
STOP = ok_or_cancel("During execution engine service will be stopped ", "OK")
CONFIRM = ok_or_cancel("\nPlease confirm installation settings ", "OK")
CLEAN = ok_or_cancel(
    "All the installed ovirt components are about to be removed, data will be lost ", "Cancel"
)
SETUP = [UPDATE, RENEW, RESTORE, PROXY]
WIDTHS = ["0", "80", "132"]

_FIREWALL_STOPPED = Question("Firewall manager to configure (firewalld): ", ("firewalld",))
_CERTIFICATES_DUE = yes_or_no(
    "One or more of the certificates should be renewed, because they expire soon, or include an"
    " invalid expiry date, or do not include the subjectAltName extension, which can cause them to"
    " be rejected by recent browsers and up to date hosts.\nSee https://www.ovirt.org/ for more"
    " details.\nRenew certificates? ",
    "No",
)
_GRAFANA_NEW: Items = (
    Question("Grafana admin password: ", hidden=True),
    Question("Please confirm password: ", hidden=True),
    "[WARNING] Password is weak: The password is shorter than 8 characters",
    Question("Use weak password?  (Yes, No, Abort) [No]: ", ("Yes", "No", "Abort"), "No"),
)
_PACKAGES: Items = (
    "[ INFO  ] Checking for product updates...",
    yes_or_no(
        "Setup needs to install or update the following packages:\n"
        "[install] ovirt-engine-4.5.7-1.el9.noarch will be installed\n"
        "[updated] ovirt-engine-4.5.6-1.el9.noarch will be updated\n"
        'Replying "No" will abort Setup. You can pass the option "--offline" to prevent installing'
        " or updating packages.\nDo you wish to update them now? ",
        "Yes",
    ),
    "[ INFO  ] Checking for an update for Setup...",
    "No update for Setup found",
    yes_or_no(
        "Setup will not be able to rollback new packages in case of a failure, because the"
        " following installed packages were not found in enabled repositories:\n\n"
        "ovirt-engine-4.5.6-1.el9.noarch\nDo you want to abort Setup? ",
        "Yes",
    ),
)
_OTHER_SETTINGS: Items = (
    "\nFound the following problems in PostgreSQL configuration for the Engine database:\n"
    " It is required to be at least '8192'\n",
    yes_or_no(
        "The database requires these configurations values to be changed. Setup can fix them for"
        " you or abort. Fix automatically? ",
        "Yes",
    ),
)
_TASKS: Items = (
    "The following system tasks have been found running in the system:\n"
    "Task ID: 1\nTask Name: RemoveImage",
    Question(
        'Would you like to try to wait for that?\n(Answering "no" will stop the upgrade (Yes, No) ',
        ("Yes", "No"),
        "No",
    ),
)


@frozen
class Situation:
    """What an engine asks beside the rest, and what the guide answers to all of it."""

    packages: Items = ()
    network: Items = ()
    database: Items = ()
    pki: Items = ()
    misc: Items = ()
    validation: Items = ()
    answers: tuple[str, ...] = ("Yes", "Yes", "no", "no", "OK", "OK")

    def items(self) -> Items:
        """Return all that it prints and asks."""
        return (
            "[ INFO  ] Stage: Environment customization",
            "\n--== PRODUCT OPTIONS ==--\n\n",
            "[ INFO  ] ovirt-provider-ovn already installed, skipping.",
            "\n--== PACKAGES ==--\n\n",
            *self.packages,
            "\n--== NETWORK CONFIGURATION ==--\n\n",
            *FIREWALL,
            *self.network,
            "[ INFO  ] firewalld will be configured as firewall manager.",
            "\n--== DATABASE CONFIGURATION ==--\n\n",
            *self.database,
            BACKUP,
            VACUUM_HISTORY,
            "\n--== OVIRT ENGINE CONFIGURATION ==--\n\n",
            VACUUM_ENGINE,
            "\n--== STORAGE CONFIGURATION ==--\n\n",
            "\n--== PKI CONFIGURATION ==--\n\n",
            *self.pki,
            "\n--== APACHE CONFIGURATION ==--\n\n",
            "\n--== SYSTEM CONFIGURATION ==--\n\n",
            "\n--== MISC CONFIGURATION ==--\n\n",
            *self.misc,
            "\n--== END OF CONFIGURATION ==--\n\n",
            "[ INFO  ] Stage: Setup validation",
            STOP,
            *self.validation,
            "\n--== CONFIGURATION PREVIEW ==--\n\n",
            "Application mode                        : both",
            CONFIRM,
            "[ INFO  ] Execution of setup completed successfully",
        )


_USUAL = Situation()
SITUATIONS = {
    "as it was left": _USUAL,
    "certificates due": Situation(
        pki=(_CERTIFICATES_DUE,), answers=("Yes", "Yes", "no", "no", "yes", "OK", "OK")
    ),
    "Grafana never started": Situation(
        misc=_GRAFANA_NEW,
        answers=("Yes", "Yes", "no", "no", *["<engine-admin>"] * 2, "yes", "OK", "OK"),
    ),
}
OF_AN_UPDATE = {
    "packages": Situation(packages=_PACKAGES, answers=("yes", "no", *_USUAL.answers)),
    "other settings": Situation(
        database=_OTHER_SETTINGS, answers=("Yes", "yes", "Yes", "no", "no", "OK", "OK")
    ),
    "tasks": Situation(validation=_TASKS, answers=("Yes", "Yes", "no", "no", "OK", "yes", "OK")),
}
STOPPED = Situation(
    network=(_FIREWALL_STOPPED,), answers=("Yes", "firewalld", "Yes", "no", "no", "OK", "OK")
)


def shown(guide: Runbook, step: str, program: str) -> Dialogue:
    """Return what a step of the guide shows of a program."""
    (found,) = (
        action
        for one in guide.steps()
        if one.id == step
        for action in one.actions
        if isinstance(action, Dialogue) and action.text.startswith(program)
    )
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", SETUP)
def test_a_further_run_is_answered(
    ovirt_guide: Runbook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    situation: str,
    width: str,
) -> None:
    """At each width, and no question that the guide shows is missing."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", width)
    one = SITUATIONS[situation]
    done, read = converse(shown(ovirt_guide, step, "engine-setup"), one.items(), tmp_path)
    assert done.status == 0, done.output
    assert done.unasked == ()
    assert [answer.casefold() for answer in read] == [one.casefold() for one in one.answers]


@pytest.mark.parametrize("situation", OF_AN_UPDATE)
def test_what_only_an_update_asks_is_answered(
    ovirt_guide: Runbook, tmp_path: Path, situation: str
) -> None:
    """New packages, other settings of PostgreSQL, and tasks that run."""
    one = OF_AN_UPDATE[situation]
    done, read = converse(shown(ovirt_guide, UPDATE, "engine-setup"), one.items(), tmp_path)
    assert done.status == 0, done.output
    assert [answer.casefold() for answer in read] == [one.casefold() for one in one.answers]


@pytest.mark.parametrize("step", SETUP)
def test_a_stopped_firewall_is_answered(ovirt_guide: Runbook, tmp_path: Path, step: str) -> None:
    """Its manager has no default then."""
    done, read = converse(shown(ovirt_guide, step, "engine-setup"), STOPPED.items(), tmp_path)
    assert done.status == 0, done.output
    assert "firewalld" in read


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("step", [REMOVE, RESTORE])
@pytest.mark.parametrize("runs", [True, False], ids=["engine runs", "engine stopped"])
def test_the_cleanup_is_answered(
    ovirt_guide: Runbook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    runs: bool,
    step: str,
    width: str,
) -> None:
    """It removes all components, and does not ask which: that question is hidden since 4.4."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", width)
    items: Items = (
        "[ INFO  ] Stage: Environment customization",
        "\n--== PRODUCT OPTIONS ==--\n\n",
        "\n--== END OF CONFIGURATION ==--\n\n",
        "[ INFO  ] Stage: Setup validation",
        *((STOP,) if runs else ()),
        CLEAN,
        "[ INFO  ] Execution of cleanup completed successfully",
    )
    done, read = converse(shown(ovirt_guide, step, "engine-cleanup"), items, tmp_path)
    assert done.status == 0, done.output
    assert done.unasked == ()
    assert read[-1] == "ok"


def test_old_snapshots_stop_the_update(ovirt_guide: Runbook, tmp_path: Path) -> None:
    """Whether they may be lost is not for the guide to say."""
    snapshots = yes_or_no(
        "\nThe following virtual machines have snapshots with older compatibility levels, which"
        " are not supported by the version you upgrade to, so you will not be able to use them:\n"
        "\naaa:before level 4.2 (created 2020)\n\nProceed? ",
        "No",
    )
    with pytest.raises(DialogueStopped, match="Proceed"):
        converse(
            shown(ovirt_guide, UPDATE, "engine-setup"),
            Situation(validation=(snapshots,)).items(),
            tmp_path,
        )
