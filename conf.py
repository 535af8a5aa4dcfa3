"""How Sphinx reads the guide.

The guide's directory is this one, so that `lab/` belongs to the guide and locations in
messages are paths that one can open from here. The documents themselves are in `docs/`; the
patterns below keep Sphinx from looking anywhere else. Step ids leave `docs/` out, because
they are counted from the root document's directory.
"""

import os
import sys
from pathlib import Path

import runbook

project = "oVirt operator guide"
author = "the sphinx-runbook authors"
copyright = f"2026, {author}"  # noqa: A001  # the name is Sphinx's
language = "en"
version = release = runbook.__version__

# The reference pages are made from the harness's own code.
sys.path.insert(0, str(Path(__file__).parent / "docs/harness"))
extensions = ["runbook.sphinx", "sphinx.ext.graphviz", "reference"]

root_doc = "docs/index"
include_patterns = ["docs/**"]
# Without these Sphinx would walk through thousands of directories to find nothing.
exclude_patterns = [".venv", ".git", "build", "dist", "runbook", "tests", "**/adr/template*"]

# What the sources of the programs say that cannot be run here.
runbook_sources = "docs/sources"

# The words that the chapters use, and the sections that each of them has.
runbook_terms = "docs/terms.yaml"
# Catalogues of translations: one for each document, in docs/locale/LANGUAGE/LC_MESSAGES.
locale_dirs = ["docs/locale"]
runbook_languages = {"en": "English", "zh_CN": "简体中文"}
gettext_compact = False

runbook_template = {
    "Before you begin": "always",
    "How to tell that it worked": "always",
    "If it does not work": "always",
    "How to undo it": "changes",
}

# What steps change and no check need look at, because another one says more.
runbook_unchecked = [
    # What bricks hold is checked where the volume is mounted; what libvirt and PostgreSQL have, by
    # asking virsh and psql. libvirtd ends when nobody asks, and its socket starts it.
    "/bricks/data/brick/**",
    "/etc/libvirt/**",
    "/etc/postgresql/**",
    "unit:libvirtd.service",
    "unit:libvirtd*.socket",
    "unit:libvirt-guests.service",
    "unit:virtlo*",
    # What programs keep for themselves.
    "/root/repository-key/**",
    "/var/lib/chrony/*",
    # It answers chronyc on the host itself.
    "port:udp://323",
    # What an exercise works with; its check looks at what comes of it.
    "/srv/exercise/**",
    "/etc/pki/drill/**",
    "/srv/grow/**",
    "/srv/guest1/**",
    "/var/lib/libvirt/boot/**",
    "/var/lib/libvirt/images/**",
    # libvirt makes the rules of its networks itself, and hangs them into the chains of iptables.
    # The guide's own rules are in a table of the family inet.
    "firewall:ip* *LIBVIRT*",
    "firewall:ip* * chain *",
    # slapd keeps its configuration in files of its own; the checks ask slapd.
    "/etc/ldap/slapd.d/**",
    # A timer writes the numbers each minute; a check asks the exporter for them.
    "/var/lib/prometheus/node-exporter/platform.prom",
    "unit:write-metrics.service",
    # What packages configure when they are installed.
    "/etc/pam.d/common-*",
    "/etc/ssl/private",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
]

# The manual of the harness belongs to the site, and is not part of what operators do.
runbook_exclude = ["docs/harness/**"]

nitpicky = True
highlight_language = "none"
smartquotes = False

graphviz_output_format = "svg"

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False

# Where the site is, and where its source is, depends on who publishes it. Without these there is
# no map of the site and no link for editing.
html_baseurl = os.environ.get("GUIDE_URL", "")
html_theme_options = {}
if repository := os.environ.get("GUIDE_REPOSITORY"):
    html_theme_options = {
        "source_repository": repository,
        "source_branch": os.environ.get("GUIDE_BRANCH", "main"),
        "source_directory": "",
    }

# Pages on the network are asked only on demand; anchors and files of the guide always.
linkcheck_ignore = [] if os.environ.get("GUIDE_LINKS") == "online" else [r"https?://"]
