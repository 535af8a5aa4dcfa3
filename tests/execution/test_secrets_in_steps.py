"""Secrets in commands, files and answers reach their programs, and nobody and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.guides import Guide
from tests.support.secret_search import files_with

GIVEN = 'gIvEn-$ecr\'et "1" \\n 7'
MADE = "mAdE-by-the-program-2"

STEPS = r"""
.. step:: Use it
   :on: box

   .. code-block:: console

      # PLACE/look command <<< <secret:admin>
      # printf '%s' :secret:`admin` > PLACE/by-command
      # printf '%s' "a <secret:admin> b" 'c <secret:admin> d' > PLACE/quoted
      # cat > PLACE/by-here <<EOF
      pass=<secret:admin>
      EOF
      # echo <secret:admin>; (exit 3) || echo $?

   .. file:: PLACE/by-file
      :mode: 0600

      [login]
      password = <secret:admin>

   .. check:: it is there

      assert host.file("PLACE/by-command").content_string == host.secret("admin")
""", r"""
.. step:: Make another
   :on: box
   :capture: root_pw secret password: (\S+)

   .. code-block:: console

      # echo before; PLACE/make

   .. check:: it is made

      assert host.file("PLACE/made").exists
""", r"""
.. step:: Use the other
   :on: box

   .. code-block:: console

      # PLACE/look captured <<< "<root-pw>"
      # printf '%s' <box:root-pw> > PLACE/by-capture
      # PLACE/ask
      Password:
      Again:
      Done

   .. answers::

      :Password: ``<root-pw>``
      :Again: :secret:`admin`

   .. file:: PLACE/captured-file

      token=<root-pw>

   .. check:: both were typed

      typed = host.file("PLACE/typed").content_string.splitlines()
      assert typed == [host.secret("<root-pw>"), host.secret("admin")]
"""  # fmt: skip

PROGRAMS = {
    # What is in no argument and no environment of any process but its own input.
    "look": """#!/usr/bin/python3
import glob, sys
secret = sys.stdin.read().rstrip("\\n").encode()
found = []
for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
    try:
        with open(path, "rb") as file:
            if secret in file.read():
                found.append(path)
    except OSError:
        pass
with open("PLACE/look-" + sys.argv[1], "w") as file:
    file.write(f"{len(secret)} {found}")
""",
    "make": "#!/bin/bash\necho 'the password: " + MADE + "'; touch PLACE/made\n",
    "ask": """#!/bin/bash
read -rsp 'Password: ' one; echo; read -rsp 'Again: ' two; echo
printf '%s\\n' "$one" "$two" > PLACE/typed; echo Done
""",
}


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide with secrets, of which one is given in a file."""
    guide = Guide(tmp_path, *STEPS)
    for name, text in PROGRAMS.items():
        program = guide.place / name
        program.write_text(text.replace("PLACE", str(guide.place)))
        program.chmod(0o755)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/admin").write_text(GIVEN)
    return guide


def environment(guide: Guide) -> dict[str, str]:
    """Return where the secrets of the guide are."""
    return {"RUNBOOK_SECRETS": str(guide.directory.parent / "secrets")}


def test_secrets_reach_their_programs_and_nothing_else(guide: Guide) -> None:
    """Neither arguments and environments, nor anything that a run, a report or accept writes."""
    done = guide.call("run", environment=environment(guide))
    assert done.returncode == 0, done.stdout + done.stderr

    def read(name: str) -> str:
        return (guide.place / name).read_text()

    assert read("by-command") == GIVEN
    assert read("quoted") == f"a {GIVEN} bc {GIVEN} d"
    assert read("by-here") == f"pass={GIVEN}\n"
    assert read("by-file") == f"[login]\npassword = {GIVEN}\n"
    assert read("by-capture") == MADE
    assert read("captured-file") == f"token={MADE}\n"
    assert read("look-command") == f"{len(GIVEN)} []"
    assert read("look-captured") == f"{len(MADE)} []"

    again = guide.call("run", environment=environment(guide))
    checked = guide.call("check", environment=environment(guide))
    assert (again.returncode, checked.returncode) == (0, 0), again.stdout + checked.stdout
    kept = guide.call("evidence", "--lab", "local", environment=environment(guide))
    assert kept.returncode == 0, kept.stdout + kept.stderr
    told = [one for each in (done, again, checked, kept) for one in (each.stdout, each.stderr)]
    told += [guide.call("accept", "--lab", "local").stdout, guide.call("report").stdout]
    told += [guide.call("plan").stdout]
    assert not [one for one in told for secret in (GIVEN, MADE) if secret in one]
    assert files_with(guide.directory, GIVEN, MADE) == []
    assert "root_pw" in (guide.results / "journal.jsonl").read_text()
    recording = (guide.results / "recordings/index/make-another/box.cast").read_text()
    assert "before" in recording
    assert "[secret]" in recording


def test_a_captured_secret_is_known_to_a_run_that_goes_on(guide: Guide) -> None:
    """The journal has by which digest it is meant, and the run's own file the value."""
    done = guide.call("run", "--until", "index/make-another", environment=environment(guide))
    assert done.returncode == 0, done.stdout + done.stderr
    done = guide.call("run", environment=environment(guide))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (guide.place / "by-capture").read_text() == MADE
    (guide.place / "made").unlink()
    # It is masked from the start now, and captured all the same.
    options = ("--from", "index/make-another")
    done = guide.call("run", *options, environment=environment(guide))
    assert done.returncode == 0, done.stdout + done.stderr
    assert files_with(guide.directory, GIVEN, MADE) == []


def test_what_a_failed_step_printed_beside_its_secret_is_not_shown(guide: Guide) -> None:
    """Nobody knows what of it is the secret."""
    (guide.place / "make").write_text(f"#!/bin/bash\necho 'token={MADE}'; exit 4\n")
    done = guide.call("run", environment=environment(guide))
    assert done.returncode == 1
    assert "exit status 4; what it printed is not shown, for it may hold the secret" in done.stdout
    assert MADE not in done.stdout + done.stderr
    assert files_with(guide.directory, GIVEN, MADE) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("mysql -p<secret:admin>", "would be an argument of 'mysql'"),
        ("PW=<secret:admin> env", "would be in the environment of 'env'"),
        ("export PW=<secret:admin>", "would be in the environment of 'later programs'"),
        ("cat <<'EOF'\n      <secret:admin>\n      EOF", "a quoted delimiter"),
    ],
)
def test_a_secret_that_others_could_read_is_refused_with_the_plan(
    tmp_path: Path, command: str, why: str
) -> None:
    """With what to write instead, before anything runs."""
    step = f".. step:: Log in\n\n   .. code-block:: console\n\n      # {command}\n"
    done = Guide(tmp_path, step).call("plan")
    assert done.returncode == 3, done.stdout + done.stderr
    assert why in done.stderr + done.stdout


COMPARED = r"""
.. step:: Make one
   :on: box
   :capture: pw secret password: (\S+)

   .. code-block:: console

      # PLACE/make
      the password: ...
      Done
"""


def test_a_difference_beside_a_captured_secret_is_shown(tmp_path: Path) -> None:
    """And accepted, without the secret."""
    guide = Guide(tmp_path, COMPARED)
    program = guide.place / "make"
    program.write_text(f"#!/bin/bash\necho 'the password: {MADE}'; echo Finished\n")
    program.chmod(0o755)
    done = guide.call("run")
    assert done.returncode == 1
    assert "- Done" in done.stdout
    assert "the password: [secret]" in done.stdout
    assert files_with(guide.directory, GIVEN, MADE) == []
    patch = guide.call("accept", "--lab", "local").stdout
    assert [one for one in patch.splitlines() if one[:1] in "+-"][2:] == [
        "-      Done",
        "+      Finished",
    ]


def test_a_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    """It would mask half of every report."""
    guide = Guide(tmp_path, COMPARED.replace("PLACE/make", "echo the password: 123; echo Done"))
    done = guide.call("run")
    assert done.returncode == 1
    assert "'pw' has only 3 characters" in done.stdout


FORMS = r"""
.. step:: Write it in all ways
   :on: box

   .. code-block:: console

      # printf %s <secret:admin> | cat > PLACE/piped
      # (printf %s <secret:admin>) > PLACE/in-a-subshell
      # cat <(printf %s <secret:admin>) > PLACE/as-a-file
      # x=<secret:admin>; printf %s "$x" > PLACE/by-variable; unset x
      # (printf %s <secret:admin> > PLACE/in-the-background) &
      # wait
      # if [[ <secret:admin> ]]; then printf %s <secret:admin> > PLACE/in-a-condition; fi
      # printf %s \
      >   <secret:admin> > PLACE/on-two-lines
      # read -rp 'Address: ' x; printf %s "$x" > PLACE/in-an-answer; unset x
      Address: http://<secret:admin>@gs1
      # echo "it is <secret:admin>"
      it is <secret:admin>

   .. check:: the last one is there

      assert host.file("PLACE/in-an-answer").exists

.. step:: Leave it running
   :on: box
   :background:

   .. code-block:: console

      # IFS= read -r x <<< <secret:admin>; printf %s "$x" > PLACE/left-running; sleep infinity

   .. check:: it has it

      assert host.file("PLACE/left-running").content_string == host.secret("admin")
"""


def test_a_secret_is_given_to_whatever_a_shell_does_with_it(tmp_path: Path) -> None:
    """Also in an answer behind a question, and in an output that is compared."""
    guide = Guide(tmp_path, FORMS)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/admin").write_text(GIVEN)
    done = guide.call("run", environment=environment(guide))
    assert done.returncode == 0, done.stdout + done.stderr
    found = {path.name: path.read_text() for path in guide.place.iterdir()}
    assert found.pop("in-an-answer") == f"http://{GIVEN}@gs1"
    assert len(found) == 8
    assert set(found.values()) == {GIVEN}
    accepted = guide.call("accept", "--lab", "local")
    assert (accepted.returncode, accepted.stdout) == (0, "")
    assert files_with(guide.directory, GIVEN, MADE) == []
