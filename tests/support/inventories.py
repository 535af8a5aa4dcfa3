"""Inventories of Ansible, in each form that it reads, and what this machine lacks for them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

INI = """
[bricks]
gs1 ansible_port=2222 ansible_user=dora
gs2 ansible_host=192.0.2.2

[web]
www.example.com

[site:children]
bricks
web

[site:vars]
ansible_user=root
"""
YAML = """
all:
  children:
    site:
      vars: {ansible_user: root}
      children:
        bricks:
          hosts:
            gs1: {ansible_port: 2222, ansible_user: dora}
            gs2: {ansible_host: 192.0.2.2}
        web:
          hosts:
            www.example.com:
"""
SCRIPT = {
    "site": {"children": ["bricks", "web"], "vars": {"ansible_user": "root"}},
    "bricks": {"hosts": ["gs1", "gs2"]},
    "web": {"hosts": ["www.example.com"]},
    "_meta": {
        "hostvars": {
            "gs1": {"ansible_port": 2222, "ansible_user": "dora"},
            "gs2": {"ansible_host": "192.0.2.2"},
        }
    },
}
FORMS = ("ini", "yaml", "script", "directory")


def lacking_for_ansible() -> str:
    """Return what is missing for reading such inventories."""
    return "" if importlib.util.find_spec("ansible") else "needs ansible-core (group dev)"


def write_inventory(directory: Path, form: str) -> Path:
    """Write the same inventory in one of the `FORMS`; return its path."""
    path = directory / {"ini": "hosts", "yaml": "site.yml"}.get(form, form)
    match form:
        case "ini":
            path.write_text(INI)
        case "yaml":
            path.write_text(YAML)
        case "script":
            path.write_text(f"#!{sys.executable}\nprint({json.dumps(SCRIPT)!r})\n")
            path.chmod(0o755)
        case "directory":
            (path / "group_vars").mkdir(parents=True)
            (path / "hosts").write_text(INI.partition("[site:vars]")[0])
            (path / "group_vars/site.yml").write_text("ansible_user: root\n")
    return path
