"""A fleet behind TLS: who has a certificate of its authority takes part, and nobody else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client
from distributed.security import Security

from runbook.results.summary import ExitStatus
from tests.fleet.test_matrix import LACKING
from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide, making
from tests.support.waiting import until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(LACKING), reason=LACKING or "-"),
]

CLUSTER = """
name: fleet-tls
network: 10.79.1.0/24
platform: debian12
hosts:
  box: {address: 10.79.1.11}
"""


def openssl(directory: Path, *words: str) -> None:
    """Let OpenSSL make a file in `directory`."""
    subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)


def certificates(directory: Path) -> tuple[str, ...]:
    """Make an authority and a certificate that it has signed; return the options that say so."""
    directory.mkdir()
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(directory, "req", "-x509", *key, "-days", "2", "-subj", f"/CN={directory.name}",
            "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    openssl(directory, "req", *key, "-subj", "/CN=member", "-keyout", "key.pem", "-out", "csr.pem")
    openssl(directory, "x509", "-req", "-days", "2", "-in", "csr.pem", "-CA", "ca.pem",
            "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem")  # fmt: skip
    files = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
    return tuple(word for name, file in files.items()
                 for word in (f"--tls-{name}", str(directory / file)))  # fmt: skip


@contextmanager
def scheduler(directory: Path, options: tuple[str, ...]) -> Iterator[str]:
    """Give the address of a scheduler of Dask's own program."""
    told = directory / "scheduler.json"
    # What is --tls-ca here is --tls-ca-file there.
    given = [one.replace("--tls-ca", "--tls-ca-file") for one in options]
    argv = ["-m", "dask", "scheduler", "--host", "tls://127.0.0.1", "--port", "0", "--no-dashboard"]
    with subprocess.Popen(
        [sys.executable, *argv, "--scheduler-file", str(told), *given],
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            until(told.exists, 60)
            yield json.loads(told.read_text())["address"]
        finally:
            running.terminate()


def runbook(*words: str) -> subprocess.Popen[str]:
    """Start the command line."""
    return subprocess.Popen([sys.executable, "-m", "runbook", *words], cwd="/", text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def has_joined(address: str, options: tuple[str, ...]) -> bool:
    """Tell whether the scheduler at `address` has a worker."""
    ca, cert, key = options[1::2]
    security = Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key)
    with Client(address, security=security) as client:
        return bool(client.scheduler_info()["workers"])


def test_only_who_has_a_certificate_of_the_authority_takes_part(tmp_path: Path) -> None:
    """A worker and a guide with one do; without, or with another's, they are told why and end."""
    own, other = certificates(tmp_path / "own"), certificates(tmp_path / "other")
    guide = Guide(tmp_path, cluster=CLUSTER + CONTAINER_SECTION)
    guide.write(making("one").replace("PLACE", "/srv"))
    matrix = ("verify", "--matrix", str(guide.directory), "--scheduler")
    with scheduler(tmp_path, own) as address:
        assert address.startswith("tls://")
        plain = address.replace("tls", "tcp")
        stranger = (*own[:2], *other[2:])
        for words, why in (
            ((address,), f"{address}: needs --tls-ca, --tls-cert and --tls-key"),
            ((plain,), "a scheduler with TLS is at tls://"),
            ((address, *other), "certificate verify failed"),
            ((address, *stranger), "must be signed by the authority of --tls-ca"),
        ):
            for started in (runbook("worker", *words), runbook(*matrix, *words)):
                _, complaint = started.communicate(timeout=120)
                assert started.returncode == ExitStatus.ERROR, complaint
                assert why in complaint
                assert "Traceback" not in complaint
        with runbook("worker", address, "--name", "m1", *own) as worker:
            try:
                until(lambda: has_joined(address, own), 60)
                # A lab has to boot, which takes long on a machine with much else to do.
                done = run_module("runbook", *matrix, address, *own, cwd="/", forked=False,
                                  timeout=600)  # fmt: skip
            finally:
                worker.terminate()
                worker.communicate()
        assert done.returncode == ExitStatus.OK, done.stdout + done.stderr
        assert "on m1" in done.stdout
