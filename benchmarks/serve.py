"""What `runbook serve` takes: until a page has all states, until a click shows output, and floods.

Run it as `python -m benchmarks.serve`; it needs an ssh server (openssh-server), and Chromium for
the figures of pages. A guide with a page of 30 steps is served whose 4 hosts are ssh servers of
this program. Beside the time until all states are there stands that of `runbook check` on the same
lab, which evaluates the same checks, and beside the flood of 50 MB its time in a session alone, in
which nothing is recorded or drawn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.execution.hosts.host import HostConnection, closing_all
from tests.support import needs
from tests.support.browsing import QUIET
from tests.support.live_page import Page
from tests.support.serving import Serving, making, write_guide
from tests.support.sshd import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

STEPS, HOSTS, VIEWERS, CLICKS = 30, 4, 20, 15
MEGABYTES = 50
LIMIT_STATES = 3.0
LIMIT_CLICK = 0.150
LIMIT_PAUSE = 1.0
FLOOD = f"yes {'x' * 99} | head -c {MEGABYTES}000000"


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def hosts_by_ssh(directory: Path) -> Iterator[dict[str, Server]]:
    """Give ssh servers by the names of their hosts."""
    with ExitStack() as stack:
        found = {}
        for number in range(HOSTS):
            home = directory / f"home{number}"
            home.mkdir()
            server = Server(directory / f"sshd{number}", home)
            found[f"gs{number}"] = stack.enter_context(server)
        yield found


def guide_of(directory: Path, servers: dict[str, Server]) -> Path:
    """Write a page of steps on all hosts, one of clicks on one host, and one of the flood."""
    states = "".join(making(f"state{n}") for n in range(STEPS))
    clicks = "".join(
        making(f"click{n}", ("gs0",), "echo seen", ":needs: nothing") for n in range(CLICKS)
    )
    flood = making("flood", ("gs0",), FLOOD, ":needs: nothing")
    return write_guide(directory, servers, states, clicks, flood)


def all_states(serving: Serving) -> None:
    """Open a page, and wait until the state of all its steps is there."""
    wanted = {f"check/gs{h}/one/make-state{n}" for n in range(STEPS) for h in range(HOSTS)}
    with Page(serving, client=f"states{time.monotonic_ns()}") as page:
        while not wanted <= set(page.values):
            page.receive()


def drawn(browser: Browser, serving: Serving) -> None:
    """Open the page in a browser, and wait until it shows the state of all its steps."""
    tab = browser.new_page()
    tab.goto(serving.addresses["look"])
    tab.goto(f"{serving.base}/one.html")
    known = tab.locator(":is([data-state=holds], [data-state=differs])[data-host]")
    known.nth(STEPS * HOSTS - 1).wait_for()
    tab.close()


def watched(serving: Serving) -> float:
    """Return the seconds until all of many viewers have all states anew."""
    with ExitStack() as stack:
        pages = [stack.enter_context(Page(serving, client=f"v{n}")) for n in range(VIEWERS)]
        for page in pages:
            page.until("left", 0)
        began = time.perf_counter()
        pages[0].wish("anew", "look")
        for page in pages:
            page.until("evaluated")
            while page.values["left"]:
                page.receive()
        return time.perf_counter() - began


def opened(browser: Browser, serving: Serving, name: str) -> Tab:
    """Open a page in the role of who acts, and take the seat."""
    tab = browser.new_page()
    tab.goto(serving.addresses["act"])
    tab.goto(f"{serving.base}/{name}")
    tab.get_by_role("button", name="Act here").click()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Stop acting").wait_for()
    return tab


# Seconds from a click to the first change of the terminal that follows, by the page's own clock.
CLICK = """
(label) => new Promise((settle) => {
  const rows = () => document.querySelector('[data-host=gs0] .xterm-rows');
  const before = rows()?.textContent ?? "";
  const began = performance.now();
  document.querySelector(`[aria-label="${label}"]`).click();
  const look = () => {
    if ((rows()?.textContent ?? "") !== before) settle((performance.now() - began) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})
"""
# The longest pause between two frames of the page, in seconds, until it is asked for.
PAUSES = """
() => {
  let last = performance.now();
  window.longest = 0;
  const look = (now) => {
    window.longest = Math.max(window.longest, (now - last) / 1000);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


def clicked(browser: Browser, serving: Serving) -> list[float]:
    """Return for each click the seconds until something is seen on the terminal."""
    tab = opened(browser, serving, "two.html")
    found = []
    for number in range(CLICKS):
        found.append(float(tab.evaluate(CLICK, f"Run: Make click{number}")))
        tab.locator(f"#make-click{number} [data-job=good]").wait_for()
    tab.get_by_role("button", name="Stop acting").click()
    tab.close()
    return found[1:]


def flooded(browser: Browser, serving: Serving) -> tuple[float, float, float]:
    """Return the seconds that a flood takes, those of a click meanwhile, and the longest pause."""
    tab = opened(browser, serving, "three.html")
    tab.evaluate(PAUSES)
    began = time.perf_counter()
    tab.get_by_role("button", name="Run: Make flood").click()
    tab.locator("[data-host=gs0] .xterm-rows").get_by_text("xxxx").first.wait_for()
    key = seconds(lambda: tab.locator("#make-flood summary", has_text="More").click())
    tab.locator("#make-flood [data-job=good]").wait_for(timeout=600_000)
    took = time.perf_counter() - began
    pause = float(tab.evaluate("window.longest"))
    tab.close()
    return took, key, pause


def alone(servers: dict[str, Server]) -> float:
    """Return the seconds that the flood takes in a session that nobody looks at."""
    connection = servers["gs0"].connection("gs0")
    with closing_all({"gs0": HostConnection(connection, {})}) as hosts:
        session = hosts["gs0"].session("root")
        return seconds(lambda: session.run(FLOOD, timeout=600))


def memory(pid: int) -> float:
    """Return the megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def main() -> bool:
    """Print the figures; return whether every limit is kept."""
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (directory / "home").mkdir()
        os.environ["HOME"] = str(directory / "home")
        servers = stack.enter_context(hosts_by_ssh(directory))
        guide = guide_of(directory, servers)
        serving = stack.enter_context(Serving(guide, "--allow-run", "--every", "0"))
        first = seconds(lambda: all_states(serving))
        again = statistics.median(seconds(lambda: all_states(serving)) for _ in range(3))
        many = watched(serving)
        argv = [sys.executable, "-m", "runbook", "check", str(guide), "--lab", "static"]
        argv += ["--only", "one/*"]
        check = seconds(lambda: subprocess.run(argv, check=False, stdout=subprocess.DEVNULL))
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=str(needs.CHROMIUM), args=QUIET)
        shown = statistics.median(seconds(lambda: drawn(browser, serving)) for _ in range(3))
        clicks = clicked(browser, serving)
        before = memory(serving.pid)
        took, key, pause = flooded(browser, serving)
        after = memory(serving.pid)
        bare = alone(servers)
        browser.close()
    return table(
        (f"all states of {STEPS} steps on {HOSTS} hosts, first s", first, LIMIT_STATES),
        ("the same, again s", again, LIMIT_STATES),
        ("the same in a browser, with its loading s", shown, LIMIT_STATES),
        (f"the same for {VIEWERS} viewers s", many, LIMIT_STATES),
        ("runbook check of the same s", check, None),
        ("click to output, median s", statistics.median(clicks), LIMIT_CLICK),
        ("click to output, slowest s", max(clicks), None),
        (f"{MEGABYTES} MB in a session alone s", bare, None),
        (f"{MEGABYTES} MB on a page s", took, None),
        ("on a page / alone", took / bare, None),
        ("a click meanwhile s", key, None),
        ("longest pause of the page s", pause, LIMIT_PAUSE),
        ("memory of the server before, MB", before, None),
        ("and after, MB", after, None),
    )


def table(*rows: tuple[str, float, float | None]) -> bool:
    """Print figures with their limits; return whether all are kept."""
    print(f"{'':44} {'':>8} {'limit':>6}")
    for name, figure, limit in rows:
        end = "" if limit is None else f"{limit:6.2f} {'ok' if figure <= limit else 'MISSED'}"
        print(f"{name:44} {figure:8.3f} {end}")
    return all(limit is None or figure <= limit for _, figure, limit in rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
