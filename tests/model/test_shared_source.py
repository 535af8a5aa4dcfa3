"""A check is what it says and what it uses of `lab/checks.py`, however it comes by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import shared_source
from runbook.model.guide_python import SharedChecksError
from runbook.model.shared_source import PLACE, SharedSource

CHECK = 'assert has("b")'
HAS = "def has(word):\n    return host.file(PATH + word).exists\n"


def changes(file: str, old: str, new: str, check: str = CHECK) -> bool:
    """Tell whether an edit of the file changes what belongs to a check."""
    assert old in file
    before, after = SharedSource(file), SharedSource(file.replace(old, new))
    return before.used_by(check) != after.used_by(check)


@pytest.mark.parametrize(
    ("file", "check"),
    [
        ("PATH = 'oak'\nCFG = {}\nCFG.update(path=PATH)\ndef has(w): return CFG\n", CHECK),
        ("PATH = 'oak'\nCFG = {}\nCFG['path'] = PATH\ndef has(w): return CFG\n", CHECK),
        ("CFG = {}\ndef setup(): CFG['path'] = 'oak'\nsetup()\ndef has(w): return CFG\n", CHECK),
        ("CFG = {}\ndef setup(): CFG['p'] = 'oak'\nOK = setup()\ndef has(w): return CFG\n", CHECK),
        ("CFG = {}\nALIAS = CFG\nALIAS['path'] = 'oak'\ndef has(w): return CFG\n", CHECK),
        ("PATHS = []\nfor one in ('oak',): PATHS.append(one)\ndef has(w): return PATHS\n", CHECK),
        ("try:\n    PATH = 'oak'\nfinally:\n    pass\ndef has(w): return PATH\n", CHECK),
        ("match 'oak':\n    case PATH: pass\ndef has(w): return PATH\n", CHECK),
        ("if (PATH := 'oak'): pass\ndef has(w): return PATH\n", CHECK),
        ("def setup():\n    global PATH\n    PATH = 'oak'\ndef has(w): return PATH\n", CHECK),
        (
            "REG = {}\ndef register(f):\n    REG[f.__name__] = f\n    return f\n"
            "@register\ndef has(word): return 'oak'\n",
            'assert REG["has"]("b")',
        ),
        (
            "class Base: pass\nclass One(Base):\n    path = 'oak'\n"
            "def has(w): return [c.path for c in Base.__subclasses__()]\n",
            CHECK,
        ),
        ("def has_b(): return 'oak'\ndef has(w): return globals()['has_' + w]()\n", CHECK),
        ("def has_b(): return 'oak'\n", 'assert eval("has_b()")'),
        ("import builtins\ndef says(): return 'oak'\nbuiltins.helper = says\n", "assert helper()"),
        ("import sys\ndef says(): return 'oak'\n", "sys.modules['checks'].says()"),
        ("class C:\n    path = 'oak'\ndef has(w): return getattr(C, 'pa' + 'th')\n", CHECK),
        ("CFG = {}\nclass C:\n    CFG['path'] = 'oak'\ndef has(w): return CFG\n", CHECK),
        ("CFG = {}\ndef setup(): CFG['a'] = 'oak'\ndef other(a=setup()): pass\n", "assert CFG"),
    ],
)
def test_an_edit_that_may_reach_a_check_belongs_to_it(file: str, check: str) -> None:
    """Nobody executes the file to find out, so then all of it does."""
    assert changes(file, "oak", "elm", check)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("A = 1\nB = A\nA = 2\n", "A = 1\nA = 2\nB = A\n", False),
        ("A = 1\nB = A\n", "B = A\nA = 1\n", False),
        ("A = 1\ndef f(x=A): return x\nA = 2\n", "A = 1\nA = 2\ndef f(x=A): return x\n", False),
        (
            "def f(): return 1\nB = f\ndef f(): return 2\n",
            "def f(): return 1\ndef f(): return 2\nB = f\n",
            False,
        ),
        ("from os import *\nB = 1\n", "B = 1\nfrom os import *\n", False),
        ("A = 1\nB = 2\n", "B = 2\nA = 1\n", True),
        ("import re\nB = re.compile('b')\nA = re.compile('a')\n",
         "import re\nA = re.compile('a')\nB = re.compile('b')\n", True),
        ("def f(): return B\nB = 1\n", "B = 1\ndef f(): return B\n", True),
    ],
)  # fmt: skip
def test_the_order_of_statements_belongs_to_a_check_where_it_matters(
    before: str, after: str, same: bool
) -> None:
    """What a name means depends on when it is read; a function reads it when it is called."""
    texts = [SharedSource(one).used_by("assert A == B == f") for one in (before, after)]
    assert (texts[0] == texts[1]) is same


PLAIN = f'''\
"""What checks share."""
import contextlib, functools, os, re
from dataclasses import dataclass

PATH = "/srv/"
OTHER = "oak"
WORD = re.compile("oak$")
SIZES = {{"a": 1}}
SIZES["b"] = 2
HOME = os.environ.get("HOME", "oak")
if HOME:
    LIMIT = 3

@functools.lru_cache(maxsize=2)
def cached(): return OTHER

@contextlib.contextmanager
def opened(): yield OTHER

@dataclass(frozen=True)
class Pair:
    """Two of them."""
    one: str = "oak"
    @property
    def two(self): return OTHER
    @staticmethod
    def three(): return OTHER

{HAS}'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('OTHER = "oak"', 'OTHER = "elm"'),
        ('"oak$"', '"elm$"'),
        ('"oak")', '"elm")'),
        ('["b"] = 2', '["b"] = 3'),
        ('one: str = "oak"', 'one: str = "elm"'),
        ("Two of them", "A pair"),
        ("LIMIT = 3", "LIMIT = 4"),
    ],
)
def test_in_a_plain_file_a_check_is_what_it_names(old: str, new: str) -> None:
    """Which spares all others when one function is edited."""
    assert not changes(PLAIN, old, new)
    assert changes(PLAIN, '"/srv/"', '"/var/"')


@pytest.mark.parametrize("how", ["import helper", "from helper import says", "import helper as h"])
def test_a_file_beside_it_that_it_imports_belongs_to_every_check(tmp_path: Path, how: str) -> None:
    """However it is found, and what that one imports as well."""
    lab = tmp_path / "lab"
    lab.mkdir()
    (tmp_path / PLACE).write_text(f"import sys\n{how}\n{HAS}")
    (lab / "helper.py").write_text("import deeper\ndef says(): return 'oak'\n")
    (lab / "deeper.py").write_text("PATH = 'oak'  # a tree\n")
    (lab / "unused.py").write_text("PATH = 'oak'\n")
    known = shared_source.read(tmp_path).used_by("assert other")
    for name, same in (("helper", False), ("deeper", False), ("unused", True)):
        path = lab / f"{name}.py"
        text = path.read_text()
        path.write_text(text.replace("oak", "elm"))
        assert (shared_source.read(tmp_path).used_by("assert other") == known) is same, name
        path.write_text(text.replace("# a tree", "# trees"))
        assert shared_source.read(tmp_path).used_by("assert other") == known


@pytest.mark.parametrize(
    ("place", "file", "check"),
    [
        ("lab/helper/__init__.py", "from helper import says", "assert says()"),
        ("lab/helper/deep/er.py", "import helper.deep.er", "assert helper"),
        ("lab/helper.py", "from lab.helper import says", "assert says()"),
        ("helper.py", "from helper import says", "assert says()"),
        ("lab/helper.py", "", "import helper\nassert helper.says()"),
        ("lab/helper.py", None, "from helper import says\nassert says()"),
    ],
)
def test_a_module_of_the_guide_belongs_to_what_imports_it(
    tmp_path: Path, place: str, file: str | None, check: str
) -> None:
    """A package, one that conf.py made importable, or one that only the check imports."""
    (tmp_path / "lab").mkdir()
    if file is not None:
        (tmp_path / PLACE).write_text(f"{file}\n")
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("def says(): return 'oak'\n")
    known = shared_source.read(tmp_path).used_by(check)
    path.write_text("def says(): return 'elm'\n")
    assert shared_source.read(tmp_path).used_by(check) != known


@pytest.mark.parametrize("where", ["checks", "helper"])
def test_what_is_read_from_beside_the_file_is_refused(tmp_path: Path, where: str) -> None:
    """Nobody would see that it changed; the cluster file is read by everybody."""
    lab = tmp_path / "lab"
    lab.mkdir()
    texts = {"checks": "import helper\n", "helper": ""}
    for name, text in texts.items():
        (lab / f"{name}.py").write_text(
            f"{text}\nVALUES = Path(__file__).with_name('cluster.yaml')\n"
        )
    shared_source.read(tmp_path)
    with (lab / f"{where}.py").open("a") as file:
        file.write("WORDS = Path(__file__).with_name('words.txt').read_text()\n")
    line = 4 if where == "checks" else 3
    with pytest.raises(SharedChecksError, match=rf"lab/{where}\.py:{line}: __file__ leads to"):
        shared_source.read(tmp_path)


def test_the_cluster_file_belongs_to_what_reads_it_and_to_nothing_else(tmp_path: Path) -> None:
    """An edit of one of its values makes a proof stale, whose check reads it."""
    lab = tmp_path / "lab"
    lab.mkdir()
    (lab / "checks.py").write_text(
        "def _value(name):\n"
        "    return load(Path(__file__).with_name('cluster.yaml')).values[name]\n"
        "def named(host):\n    return host.name == _value('fqdn')\n"
        "def up(host):\n    return host.ok\n"
    )
    described = (
        "name: lab\nnetwork: 192.168.7.0/24\nvalues:\n  fqdn: one.example.com\n"
        "hosts:\n  web:\n    address: 192.168.7.10\n    platform: debian12\n"
    )
    (lab / "cluster.yaml").write_text(described)
    before = shared_source.read(tmp_path)
    (lab / "cluster.yaml").write_text(described.replace("one.example", "two.example"))
    after = shared_source.read(tmp_path)
    assert before.used_by("named(host)") != after.used_by("named(host)")
    assert before.used_by("up(host)") == after.used_by("up(host)")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    lab.rename(elsewhere / "lab")
    (elsewhere / "lab" / "cluster.yaml").write_text(f"# A remark.\n\n{described}")
    assert shared_source.read(elsewhere).used_by("named(host)") == before.used_by("named(host)")
