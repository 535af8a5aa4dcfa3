"""A guide with something of everything, open in an editor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from lsprotocol import types

from tests.support.editor import Editor
from tests.support.guides import Guide

CLUSTER = """
name: sample
network: 10.9.8.0/24
domain: example.org
platform: debian12
user: dora
choices: {engine: standalone}
values: {gateway: 10.9.8.254}
hosts:
  box: {address: 10.9.8.1, groups: [bricks]}
  bag: {address: 10.9.8.2, platform: el9}
"""

FIRST = """
.. step:: Make the file
   :on: box
   :tags: files
   :capture: vm_id

   .. code-block:: console

      # make-file
      Password:

   .. answers::

      :Password\\:: :secret:`box-admin`

   .. check:: it is there

      assert is_there(host, "made")
"""

SECOND = """
.. step:: Use the file
   :on: bricks
   :needs: make-the-file
   :until: x

   .. code-block:: console

      # cat <vm-id> |gateway|
"""

CHECKS = '''"""What checks share."""


def is_there(host, name):
    """Tell whether a file is there."""
    return host.file(f"/srv/{name}").exists
'''

Ask = Callable[[str], list[types.CompletionItem]]


@pytest.fixture(scope="package")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    """Return a guide with two steps, two hosts, a value, a capture, a secret and shared code."""
    guide = Guide(
        tmp_path_factory.mktemp("guide"),
        FIRST,
        SECOND.replace("   :until: x\n", ""),
        cluster=CLUSTER,
    )
    (guide.directory / "lab/checks.py").write_text(CHECKS)
    return guide


@pytest.fixture(scope="package")
def editor(guide: Guide) -> Iterator[Editor]:
    """Return an editor with the guide's page open, which has been read."""
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.settle("index.rst", editor.texts["index.rst"])
        yield editor
