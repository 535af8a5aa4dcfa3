"""How long reading a large guide takes, beside what Sphinx alone takes for it.

Run it as `python -m benchmarks.reading [DOCUMENTS]`. It writes a guide of that many documents
with eight blocks in most of them, and has Sphinx's `dummy` builder and the plan read it: all of
it, and after an edit of one document. Each figure is the best of several rounds, in seconds of
processor time, because reading waits for nothing.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
LIMIT = 1.15
PLAN = "import sys; from pathlib import Path; from runbook.sphinx.planning.plan import build; "
PLAN += "build(Path(sys.argv[1]), output=Path(sys.argv[2]))"

PAGE = """\
Service {number}
===================

The service keeps what it knows in a database. Read :ref:`its overview <overview-{number}>` first,
and have a look at *etcd* and ``memcached``, which it **cannot** do without.

.. _overview-{number}:

Install
-------

#. On the controller node, install the packages:

   .. code-block:: console

      # apt-get update
      # apt-get install service-{number} \\
          python3-service

#. Edit the file ``/etc/service/service.conf`` and complete the following:

   .. code-block:: ini

      [database]
      connection = mysql://service:SERVICE_PASS@controller/service{number}

.. note::

   Older releases need another step. Run ``service-manage db sync`` on every node::

      $ service-manage db sync
      INFO  [alembic] Context impl MySQLImpl.
      INFO  [alembic] Will assume non-transactional DDL.

Check
-----

*/etc/service/policy.yaml*

.. code-block:: yaml

   "admin": "role:admin"

List what is there:

.. parsed-literal::

   $ service --os-region |region| list \\\\
       --long

.. list-table::
   :header-rows: 1

   * - What
     - How
   * - Stop it
     - ::

         # systemctl stop service-{number}

============  =======================================
Option        Meaning
============  =======================================
``timeout``   How long to wait for an answer
``retries``   How often to ask again before giving up
============  =======================================

.. code-block:: bash

   for host in a b c; do
     ssh $host systemctl restart service-{number}
   done

.. code::

   # service-status upgrade check

"""


def write(guide: Path, documents: int) -> None:
    """Write a guide of that many documents, of which one in sixteen has no blocks."""
    guide.mkdir()
    (guide / "conf.py").write_text('project = "Large"\nrst_prolog = ".. |region| replace:: one"\n')
    names = [f"service{number}" for number in range(documents - 1)]
    toctree = "\n".join(f"   {name}" for name in names)
    (guide / "index.rst").write_text(f"Large\n=====\n\n.. toctree::\n\n{toctree}\n")
    for number, name in enumerate(names):
        text = PAGE.format(number=number)
        if number % 16 == 0:
            text = text.split("Install\n-------")[0] + "Nothing to install.\n"
        (guide / f"{name}.rst").write_text(text)


def best(prepare: Callable[[], object], argv: list[str]) -> float:
    """Return the seconds that the best of several runs takes, each after `prepare`."""
    times = []
    for _ in range(ROUNDS):
        prepare()
        began = _spent()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
        times.append(_spent() - began)
    return min(times)


def _spent() -> float:
    """Return the processor seconds that programs have taken which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(documents: int) -> bool:
    """Print the table; return whether every limit is kept."""
    with tempfile.TemporaryDirectory() as place:
        guide, sphinx, plan = (Path(place) / name for name in ("guide", "sphinx", "plan"))
        write(guide, documents)
        page = guide / "service1.rst"
        programs = (
            (
                sphinx,
                [sys.executable, "-m", "sphinx", "-q", "-b", "dummy", str(guide), str(sphinx)],
            ),
            (plan, [sys.executable, "-c", PLAN, str(guide), str(plan)]),
        )
        figures: dict[str, list[float]] = {"everything": [], "one edit": []}
        for output, argv in programs:
            anew = best(lambda place=output: shutil.rmtree(place, ignore_errors=True), argv)  # type: ignore[misc]
            figures["everything"].append(anew)
            figures["one edit"].append(
                best(lambda: page.write_text(page.read_text() + "\nMore.\n"), argv)
            )
    kept = True
    print(f"{'seconds, best':16} {'sphinx':>8} {'plan':>8} {'ratio':>7} {'limit':>12}")
    for name, (alone, ours) in figures.items():
        good = ours / alone <= LIMIT
        kept &= good
        verdict = "ok" if good else "MISSED"
        print(f"{name:16} {alone:8.2f} {ours:8.2f} {ours / alone:7.2f} {LIMIT:5.2f} {verdict:>6}")
    return kept


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if sys.argv[1:] else 400) else 1)
