"""Questions to an engine that several checks of the guide ask, through its own API.

The functions see the `host` and the `hosts` of the check that calls them. They are asked from
the machine that runs the guide, so that machine must resolve the engine's name and reach its
port 443. Where it can only reach the engine at another address, `RUNBOOK_ENGINE_URL` says where:
`https://localhost:8443/ovirt-engine`.

Nothing is believed from an engine whose certificate was not issued by its own CA, and the
CA's certificate comes from a host of the lab, not from the network. The password is
the secret `engine-admin`; no message holds it.

A function whose name is a sentence returns `True`, or fails with what the engine said instead.
"""

import contextlib
import hashlib
import os
import re
import socket
import ssl
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from runbook.errors import RunbookError
from runbook.execution import secrets
from runbook.model import cluster

HEALTHY = "DB Up!Welcome to Health Status!"

_CA = (
    "/etc/pki/ovirt-engine/ca.pem",  # on the engine host or engine VM
    "/etc/pki/vdsm/certs/cacert.pem",  # on each of its hosts
)
_PATIENCE = 30  # seconds for one answer


@contextlib.contextmanager
def engine(name="", user=""):
    """Give the root of the API of the engine `name`, of which every other service is reached.

    The engine is that of the value `engine-fqdn` if no name is given, and the user that of the
    value `engine-user`. What it refuses, and whatever else stands between it and an answer, fails
    the check with its words.
    """
    try:
        import ovirtsdk4
        import pycurl
    except ImportError as error:
        raise RunbookError(
            f"the engine cannot be asked ({error}): install the extra 'ovirt' of sphinx-runbook, "
            "which takes gcc, python3-dev and libxml2-dev"
        ) from None
    password = secrets.resolve("engine-admin")
    user = user or _value("engine-user")
    url = _url(name)
    with _ca_file() as ca_file:
        connection = ovirtsdk4.Connection(
            url=f"{url}/api", username=user, password=password, ca_file=ca_file, timeout=_PATIENCE
        )
        try:
            yield connection.system_service()
        except (ovirtsdk4.Error, pycurl.error, ValueError) as error:
            raise AssertionError(f"{url}: {_without(password, str(error))}") from None
        finally:
            # An engine that has just failed to answer also fails to end the session.
            with contextlib.suppress(Exception):
                connection.close()


def engine_version(name=""):
    """Return the version of the engine, such as `4.5.7-1.el9`."""
    with engine(name) as api:
        return api.get().product_info.version.full_version


def engine_is_healthy(name=""):
    """Tell whether engine and database say of themselves that they work; takes no password."""
    said = _read("services/health", name)
    assert said.strip() == HEALTHY, f"{_url(name)}: {said.strip()}"
    return True


def engine_ssh_key(name=""):
    """Return the key with which the engine logs in to its hosts; takes no password."""
    key = _read("services/pki-resource?resource=engine-certificate&format=OPENSSH-PUBKEY", name)
    assert key.startswith(("ssh-", "ecdsa-")), f"{_url(name)}: this is no key: {key[:60]!r}"
    return key


def engine_ca():
    """Return the certificate of the engine's CA, from the disk of the lab's own host."""
    for one in (host, *hosts.values()):  # noqa: F821  # the check's own
        for path in _CA:
            file = one.file(path)
            if file.is_file:
                return file.content_string
    raise AssertionError("no host has the certificate of an engine's CA: is there an engine?")


def is_engine_ca(text):
    """Tell whether `text` holds the certificate of the engine's CA.

    Certificates are compared, and not texts: the engine publishes lines of 76 characters, its file
    has 64, and that of version 3.4 begins with a description.
    """
    given, own = _der(text), _der(engine_ca())
    assert given == own, f"SHA-256 {_fingerprint(given)}; the engine's CA has {_fingerprint(own)}"
    return True


def host_status(name):
    """Return what the engine says of the host `name`, such as `up` or `non_operational`."""
    with engine() as api:
        found = _one(api.hosts_service().list(search=f"name={name}"), "host", name)
        return found.status.value


def host_is_up(name):
    """Tell whether the engine can start virtual machines on the host `name`."""
    status = host_status(name)
    assert status == "up", f"the engine says that the host {name} is {status}"
    return True


def storage_domain(name, data_center="Default"):
    """Return the storage domain `name` as the data center sees it, with its status there."""
    with engine() as api:
        centers = api.data_centers_service()
        center = _one(centers.list(search=f"name={data_center}"), "data center", data_center)
        domains = centers.data_center_service(center.id).storage_domains_service().list()
        return _one(domains, f"storage domain in {data_center}", name)


def storage_domain_is_active(name, data_center="Default"):
    """Tell whether virtual machines of the data center can use the storage domain `name`."""
    status = storage_domain(name, data_center).status.value
    assert status == "active", f"the engine says that the storage domain {name} is {status}"
    return True


def vm(name):
    """Return the virtual machine `name` as the engine sees it."""
    with engine() as api:
        return _one(api.vms_service().list(search=f"name={name}"), "virtual machine", name)


def vm_is_up(name):
    """Tell whether the virtual machine `name` is up, and on a host."""
    found = vm(name)
    status = found.status.value
    assert status == "up", f"the engine says that the virtual machine {name} is {status}"
    assert found.host, f"the engine names no host for the virtual machine {name}"
    return True


def vm_runs(name):
    """Tell whether the virtual machine `name` has started, with or without a guest agent."""
    status = vm(name).status.value
    running = ("up", "powering_up")
    assert status in running, f"the engine says that the virtual machine {name} is {status}"
    return True


def vm_host(name):
    """Return the name of the host on which the virtual machine `name` runs, or an empty text."""
    found = vm(name)
    with engine() as api:
        return api.hosts_service().host_service(found.host.id).get().name if found.host else ""


def vm_cd(name):
    """Return the name of the disk in the drive of the running virtual machine `name`."""
    with engine() as api:
        vms = api.vms_service()
        found = _one(vms.list(search=f"name={name}"), "virtual machine", name)
        drives = vms.vm_service(found.id).cdroms_service()
        inserted = [drives.cdrom_service(one.id).get(current=True).file for one in drives.list()]
        disks = {one.id: one.name for one in api.disks_service().list()}
        return next((disks.get(one.id, one.id) for one in inserted if one and one.id), "")


def disk_is_ok(name, content="data"):
    """Tell whether the engine has the disk `name`, unlocked and whole, with this content."""
    with engine() as api:
        found = _one(api.disks_service().list(search=f"name={name}"), "disk", name)
    status, kind = found.status.value, found.content_type.value
    assert status == "ok", f"the engine says that the disk {name} is {status}"
    assert kind == content, f"the engine says that the disk {name} has the content {kind}"
    return True


def template_is_ok(name):
    """Tell whether virtual machines can be made from the template `name`, and have a disk then."""
    with engine() as api:
        templates = api.templates_service()
        found = _one(templates.list(search=f"name={name}"), "template", name)
        disks = templates.template_service(found.id).disk_attachments_service().list()
    status = found.status.value
    assert status == "ok", f"the engine says that the template {name} is {status}"
    assert disks, f"the template {name} has no disk"
    return True


def scheduling_policy(name):
    """Return the filters of the policy `name`, and its weights with their factors, by name."""
    with engine() as api:
        policies = api.scheduling_policies_service()
        policy = _one(policies.list(), "scheduling policy", name)
        units = {unit.id: unit.name for unit in api.scheduling_policy_units_service().list()}
        service = policies.policy_service(policy.id)
        filters = {units[_unit(one)] for one in service.filters_service().list()}
        weights = {units[_unit(one)]: one.factor for one in service.weights_service().list()}
        return filters, weights


def cluster_policy(name="Default"):
    """Return the name of the scheduling policy of the cluster `name`."""
    with engine() as api:
        found = _one(api.clusters_service().list(search=f"name={name}"), "cluster", name)
        policies = api.scheduling_policies_service().list()
        return {one.id: one.name for one in policies}[found.scheduling_policy.id]


def _der(text):
    """Return the bytes of the first certificate in a PEM text."""
    found = re.search("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.DOTALL)
    assert found, f"this is no certificate: {text[:60]!r}"
    return ssl.PEM_cert_to_DER_cert(found[0])


def _fingerprint(der):
    """Return the fingerprint of a certificate as OpenSSL shows it."""
    return hashlib.sha256(der).digest().hex(":").upper()


def _one(found, kind, name):
    """Return the one of `found` that is really called `name`; a search also finds likenesses."""
    exact = [one for one in found if one.name == name]
    assert exact, f"the engine knows no {kind} {name}"
    return exact[0]


def _unit(one):
    """Return the id of the policy unit that a filter or a weight of a policy stands for."""
    return one.scheduling_policy_unit.id if one.scheduling_policy_unit else one.id


def _value(name):
    """Return a value of the guide's lab."""
    return cluster.load(Path(__file__).with_name("cluster.yaml")).values[name]


def _url(name):
    """Return where the engine is reached."""
    if url := os.environ.get("RUNBOOK_ENGINE_URL", ""):
        return url.rstrip("/")
    name = name or _value("engine-fqdn")
    try:
        socket.getaddrinfo(name, 443)
    except OSError as error:
        raise RunbookError(
            f"this machine cannot find the engine {name} ({error.strerror}): write its name and "
            "address into /etc/hosts here, or set RUNBOOK_ENGINE_URL"
        ) from None
    return f"https://{name}/ovirt-engine"


@contextlib.contextmanager
def _ca_file():
    """Give a file with the certificate of the engine's CA."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as copy:
        copy.write(engine_ca())
        copy.flush()
        yield copy.name


def _read(path, name):
    """Return what the engine publishes at `path`, or the words with which it fails to."""
    with _ca_file() as ca_file:
        try:
            context = ssl.create_default_context(cafile=ca_file)
            url = f"{_url(name)}/{path}"
            with urllib.request.urlopen(url, context=context, timeout=_PATIENCE) as answer:
                return answer.read(100_000).decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code} {error.reason}"
        except (OSError, ValueError) as error:
            return str(error)


def _without(secret, words):
    """Return `words` without the secret, in whatever way it is written."""
    for one in (secret, urllib.parse.quote(secret), urllib.parse.quote_plus(secret)):
        words = words.replace(one, "(hidden)") if one else words
    return words
