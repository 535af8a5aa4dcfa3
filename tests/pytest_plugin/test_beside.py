"""A guide and one's own tests side by side: what is collected, and the lab's fixtures."""

from __future__ import annotations

import pytest

from tests.support.guides import making
from tests.support.pytested import PytestedGuide, write

pytest_plugins = ["pytester"]

SECRET = "CorrectHorse77"  # of these tests

TESTS = """
import pytest

@pytest.mark.on("box")
def test_on_the_box(host):
    assert host.file("PLACE/one").exists

@pytest.mark.on("all")
def test_with_sudo(host):
    with host.sudo("nobody"):
        assert host.backend.get_command("id").startswith("sudo -u nobody ")
    assert host.backend.get_command("id") == "id"

def test_all_hosts(hosts, lab):
    assert list(hosts) == [one.name for one in lab.cluster.hosts]
    assert hosts["box"].run("test -e %s", "PLACE/one").rc == 0
    assert hosts["box"].backend.NAME == "runbook"

def test_of_testinfra(host):
    assert host.backend.get_pytest_id() == "local"
"""


def own_tests(guide: PytestedGuide, place: str = "tests/test_own.py") -> None:
    """Write tests of the user's own."""
    write(guide.pytester.path / place, TESTS.replace("PLACE", str(guide.place)))


def test_own_tests_see_what_the_guide_made(pytester: pytest.Pytester) -> None:
    """They run on the guide's lab after it, and testinfra's own fixture is as it was."""
    guide = PytestedGuide(pytester, making("one"))
    own_tests(guide)
    result = guide.run("-v", "guide", guide="tests")
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        ["*::test_on_the_box[[]box[]]*", "*::test_of_testinfra[[]local[]]*"]
    )


def test_tests_in_the_directory_of_a_guide_run_after_it(pytester: pytest.Pytester) -> None:
    """A guide may have its tests inside."""
    guide = PytestedGuide(pytester, making("one"))
    own_tests(guide, "guide/tests/test_own.py")
    guide.run().assert_outcomes(passed=5)


def test_a_selection_without_steps_runs_none(pytester: pytest.Pytester) -> None:
    """If only tests in the guide's directory are selected, the guide is not run for them."""
    guide = PytestedGuide(pytester, making("one"))
    own_tests(guide, "guide/tests/test_own.py")
    guide.run("-k", "of_testinfra").assert_outcomes(passed=1, deselected=4)
    assert not guide.records("run")


def test_a_guide_may_be_left_and_entered_again(pytester: pytest.Pytester) -> None:
    """Tests that are sorted between its steps do not keep the run from coming to its end."""
    guide = PytestedGuide(pytester, making("one"), making("two", "test -e PLACE/mended"))
    own_tests(guide)
    (guide.place / "one").touch()
    guide.run_again("tests").assert_outcomes(passed=5, failed=1)
    (guide.place / "mended").touch()
    guide.run_again("tests", "--ff").assert_outcomes(passed=6)
    assert guide.records("end")[-1]["step"] == "index/make-two"


def test_own_tests_need_no_run(pytester: pytest.Pytester) -> None:
    """Without the guide they look at the lab as it is; the ini file says which guide is meant."""
    guide = PytestedGuide(pytester, making("one"))
    own_tests(guide)
    (guide.place / "one").touch()
    pytester.makeini("[pytest]\nrunbook_guides = guide\n")
    guide.run(guide="tests").assert_outcomes(passed=4)
    assert not guide.records("run")


def test_no_report_has_a_secret(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a check that logs, warns and prints, and of one's own test with its values."""
    monkeypatch.setenv("RUNBOOK_SECRET_APP", SECRET)
    says = "import logging, warnings; pw = host.secret('app'); logging.error(pw)"
    says = f"{says}; warnings.warn(pw); print(*pw, sep='')\n      assert not pw\n      "
    guide = PytestedGuide(pytester, making("one").replace("assert", f"{says}assert"))
    write(
        pytester.path / "tests/test_own.py",
        "import logging, pytest\n@pytest.mark.on('box')\ndef test_own(host):\n"
        "    token = host.secret('app')\n    print(token)\n    logging.error(token)\n"
        "    assert token == 'x'\n",
    )
    result = guide.run("-l", "-rA", "--junitxml=found.xml", "guide", guide="tests")
    said = str(result.stdout) + str(result.stderr) + (pytester.path / "found.xml").read_text()
    assert "token      = '[secret]'" in said
    assert "UserWarning: [secret]" in said
    assert SECRET not in said


def test_an_unknown_host_is_named(pytester: pytest.Pytester) -> None:
    """With the hosts that there are."""
    guide = PytestedGuide(pytester, making("one"))
    write(
        pytester.path / "tests/test_own.py",
        "import pytest\n@pytest.mark.on('bax')\ndef test_it(host): pass\n",
    )
    pytester.makeini("[pytest]\nrunbook_guides = guide\n")
    result = guide.run(guide="tests")
    result.stdout.fnmatch_lines(["*there is no host or group 'bax' in the lab; it has: box; did*"])


def test_a_guide_is_not_collected_by_chance(pytester: pytest.Pytester) -> None:
    """A guide that pytest comes across is never run; one that the ini file names is."""
    guide = PytestedGuide(pytester, making("one"))
    assert guide.run(guide=".").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    pytester.makeini("[pytest]\nrunbook_guides = guide\n")
    guide.run(guide=".").assert_outcomes(passed=1)


def test_sphinx_documents_that_are_no_guide_are_left_alone(pytester: pytest.Pytester) -> None:
    """A conf.py that does not name the extension belongs to somebody else."""
    guide = PytestedGuide(pytester, making("one"))
    (guide.directory / "conf.py").write_text("extensions = []\n")
    assert guide.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_tests_without_a_guide_are_as_ever(pytester: pytest.Pytester) -> None:
    """The plugin is loaded, and does nothing."""
    pytester.makepyfile("def test_it(host): assert host.run('true').succeeded")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
