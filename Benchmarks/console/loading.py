#!/usr/bin/env python3
"""The time that the server takes for each page of the console, and the size of the first page: one JSON object.

    loading.py --binary INTERLOCK --upstream PROGRAM --load PROGRAM --folder DIR [--agents N] [--waiting N] [--records N]

Needs the Python environment `tests`, and Chromium, in which a person signs in by a passkey and the first page is
measured.
"""

import argparse
import http.client
import json
import re
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from types import SimpleNamespace

from crowded import ADA, PEOPLE, CrowdedHouse  # which sets the paths of the other modules
from browsing import Browser, wait  # noqa: I001
from pagerules import IS_PAINTED, PAINTED
from people import People
from timedpages import PAGES

LOADS, WARM = 100, 5


def sign_in(house: CrowdedHouse, stack: ExitStack) -> Browser:
    profile = Path(tempfile.mkdtemp(prefix="interlock-browser-"))
    stack.callback(shutil.rmtree, profile, ignore_errors=True)
    browser = Browser(house.origin, profile)
    stack.callback(browser.close)
    browser.hold_passkeys()
    browser.open(house.gateway.links[ADA].removeprefix(house.origin))
    browser.one("#enrol-button").click()
    wait(browser, lambda: "Enrolled." in browser.one("#ceremony-hint").text)
    browser.open("/sign-in?to=/now")
    browser.one("#sign-in-button").click()
    wait(browser, lambda: browser.driver.current_url == browser.origin + "/now")
    return browser


class Reader:
    """The same session over one persistent connection."""

    def __init__(self, house: CrowdedHouse, browser: Browser):
        self.connection = http.client.HTTPConnection("127.0.0.1", house.gateway.people_port, timeout=60)
        self.headers = {"Host": house.origin.removeprefix("http://"),
                        "Cookie": f"__Host-interlock={browser.driver.get_cookie('__Host-interlock')['value']}"}

    def get(self, path: str) -> tuple[float, bytes]:
        """The milliseconds until the whole page was received, and the page."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = 1000 * (time.perf_counter() - began)
        if answer.status in (429, 503) and answer.headers["retry-after"]:
            # The gateway limits how often one person reads the log, and computes a matrix of all agents once.
            time.sleep(int(answer.headers["retry-after"]))
            return self.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return took, body

    def first_link(self, path: str, to: str, other: str = "") -> str:
        """The last part of the first link that starts with `to`; `other`: the pattern of what may follow."""
        found = re.search(f'href="{to}({other}[^"/?]+)"', self.get(path)[1].decode())
        return to.rsplit("/", 1)[1] + found[1]


def timed(reader: Reader, path: str) -> dict:
    for _ in range(WARM):
        reader.get(path)
    found = sorted(reader.get(path)[0] for _ in range(LOADS))
    return {"p50_ms": round(median(found), 2), "p99_ms": round(found[len(found) * 99 // 100 - 1], 2),
            "bytes": len(reader.get(path)[1])}


def weighed(browser: Browser) -> int:
    """The bytes of the first page and everything that it loads, with an empty cache."""
    browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    browser.open("/now")
    wait(browser, lambda: browser.run("return document.documentElement.dataset.connected === 'yes'"))
    return browser.received("/now")


def painted(browser: Browser) -> dict[str, float]:
    """The milliseconds until the first paint at a quarter of the processor's speed, 10 Mbit/s and 40 ms: the best of three,
    for what else the machine does at that moment is not the page's."""
    command = browser.driver.execute_cdp_cmd
    command("Emulation.setCPUThrottlingRate", {"rate": 4})
    command("Network.emulateNetworkConditions",
            {"offline": False, "latency": 40, "downloadThroughput": 1_250_000, "uploadThroughput": 1_250_000})
    found = {}
    for path in ("/now", "/approvals"):
        for _ in range(3):
            browser.open(path)
            wait(browser, lambda: all(one.is_displayed() for one in browser.all("[data-chart] canvas")))
            wait(browser, lambda: browser.run(IS_PAINTED))
            found[path] = min(browser.run(PAINTED)[0], found.get(path, float("inf")))
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("binary", "upstream", "load", "folder"):
        arguments.add_argument(f"--{name}", type=Path, required=True)
    arguments.add_argument("--agents", type=int, default=10_000)
    arguments.add_argument("--waiting", type=int, default=10_000)
    arguments.add_argument("--records", type=int, default=1_000_000)
    given = arguments.parse_args()
    with ExitStack() as stack:
        people = stack.enter_context(People(given.folder / "people", PEOPLE))
        house = CrowdedHouse(
            given.binary, SimpleNamespace(upstream=given.upstream, load=given.load), given.folder, people,
            agents=given.agents, waiting=given.waiting)
        stack.callback(house.close)
        house.write(given.records - 4 * given.waiting)
        house.ask(given.waiting)
        browser = sign_in(house, stack)
        reader = Reader(house, browser)
        last = house.gateway.records(1, agent=house.name(given.agents - 1))[-1]
        leaf = house.review(house.name(1))
        names = {
            "reviewed": house.name(1), "leaf": leaf, "incident": house.incident(),
            "person": reader.first_link("/people", "/people/", "(?!waiting|workload|services)"),
            "last": -(-given.waiting // 50), "last_agents": -(-given.agents // 50), "asking": house.name(0),
            "calling": house.name(given.agents - 1), "run": last["run"], "record": last["index"],
            "request": reader.first_link("/approvals?show=pending", "/approvals/apr_")}
        print(json.dumps({
            "agents": given.agents, "waiting": house.pending(), "records": house.records(),
            "first_page_bytes": weighed(browser),
            "pages": {name: timed(reader, path.format(**names)) for name, path in PAGES},
            "painted_ms": painted(browser)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
