"""A server that changed since its review, on its page in a real browser: what differs, before and after, the commands that
accept it, which are run as the page writes them, and its release from a quarantine, which waits for them."""

import json
import signal
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from changingserver import definition, files  # noqa: E402
from office import Office  # noqa: E402
from test_console_directory import sign  # noqa: E402
from waits import until  # noqa: E402

PAGE = "/servers/changing"


class ChangingOffice(Office):
    """An office with a server whose tools are those of `offer`, and a signed lock."""

    def __init__(self, stack, binary, people, folder):
        folder.chmod(0o755)
        self.tools = folder / "tools.json"
        self.offer(definition("one"), definition("two"))
        super().__init__(stack, binary, people, (ADA,), extra=files(self.tools), prepare=self.pin)
        self.gateway.wait_for_tools("tester", "changing")

    def offer(self, *tools: dict):
        self.tools.write_text(json.dumps(tools))

    @staticmethod
    def pin(gateway):
        for server in ("billing", "changing"):
            gateway.run("servers", "pin", server, "--accept", "--as", ADA, seconds=120)

    def change(self, *tools: dict):
        """Starts the gateway again with a server that lists these tools; what differs is hidden on return."""
        for browser in self.browsers:
            browser.driver.get("about:blank")
        self.gateway.stop()
        self.offer(*tools)
        self.gateway.start()
        until(lambda: self.server().get("hidden"), self.gateway)

    def accept(self, command: str):
        """Types what the page says, in full, and lets the gateway read the lock."""
        before = self.lock()
        self.gateway.run(*command.split()[1:], "--accept-findings", seconds=120)
        self.gateway.process.send_signal(signal.SIGHUP)
        until(lambda: self.lock() != before, self.gateway)

    def lock(self) -> str:
        return self.gateway.json("status")[0]["lock"]

    def server(self) -> dict:
        return next(one for one in self.gateway.json("status")[0]["servers"] if one["server"] == "changing")

    def offered(self) -> list[str]:
        return sorted(self.acme.session("tester").tools())


@pytest.fixture(scope="module")
def office(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        yield ChangingOffice(stack, binary, people, tmp_path_factory.mktemp("changing"))


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


def status(browser: Browser) -> str:
    return browser.one(".head .badge[popovertarget=evidence]").text


def commands(browser: Browser) -> list[str]:
    return [one.text for one in browser.all("main ol code")]


def test_what_changed_is_before_and_after_and_the_commands_accept_it(office, ada):
    ada.open(PAGE)
    wait(ada, lambda: status(ada) == "Ready")
    assert "Accept what changed" not in ada.text() and ada.all(".change") == []
    office.change(definition("one", "another text\u200b"), definition("two"))
    assert office.offered() == ["changing__two"]

    ada.open(PAGE)
    wait(ada, lambda: status(ada) == "Ready, 1 changed")
    assert "1 of 2 are not as they were reviewed. They come first." in ada.text()
    first, second = ada.all("article.part")
    assert first.find_element("css selector", "h3").text.split() == ["one", "drifted"]
    assert second.find_element("css selector", "h3").text.split() == ["two", "pinned"]
    (change,) = ada.all(".change")
    assert change.text.startswith("Description") and "Before" in change.text and "After" in change.text
    before, after = (change.find_element("css selector", side).text for side in (".removed", ".added"))
    assert "a tool" in before and "another text" not in before, before
    assert "another text\u27e6U+200B\u27e7" in after and "a tool" not in after, after
    assert "\u200b" not in ada.driver.page_source
    assert commands(ada) == ["interlock servers pin changing", f"interlock servers pin changing --accept --as {ADA}"]
    row = ada.driver.find_element("xpath", "//table[caption[starts-with(., 'What the command writes')]]/tbody/tr")
    assert row.text.split()[:2] == ["one", "Replaced"], row.text
    for look in ({"width": 1440}, {"width": 360, "height": 740}):
        ada.look(**look)
        assert ada.overflow() <= 0 and ada.broken_words() == [] and ada.barriers() == [], look
    ada.look()

    # Nothing changes until the lock is written, which the page only describes.
    assert ada.one("main form[data-order=server] button").text == "Quarantine server"
    command = commands(ada)[1]
    refused = office.gateway.run(*command.split()[1:], check=False, seconds=120)
    assert refused.returncode == 1 and "hidden-unicode" in refused.stdout and "--accept-findings" in ada.text(), refused
    office.accept(command)
    until(lambda: office.offered() == ["changing__one", "changing__two"], office.gateway)
    ada.open(PAGE)
    wait(ada, lambda: status(ada) == "Ready")
    assert "Accept what changed" not in ada.text() and ada.all(".change") == []


def test_a_quarantined_server_is_released_on_its_page_once_its_changes_are_accepted(office, ada):
    office.change(definition("one", "another text\u200b"), definition("two", "yet another text"))
    ada.open(PAGE)
    wait(ada, lambda: status(ada) == "Ready, 1 changed")
    sign(ada, "server", "its tools changed by themselves")
    wait(ada, lambda: status(ada) == "Quarantined" and "Release the server on this page." in ada.text())
    ada.expected_errors.append("409")
    sign(ada, "server", "it looks well to me")
    refusal = "form[data-order=server] .refused"
    wait(ada, lambda: ada.all(refusal))
    assert "two: its definition differs from the lock" in ada.one(refusal).text, ada.one(refusal).text
    assert office.server()["state"] == "quarantined" and office.offered() == []

    office.accept(commands(ada)[1])

    def is_released() -> bool:
        ada.open(PAGE)
        sign(ada, "server", "its changes were reviewed")
        wait(ada, lambda: ada.all(refusal) or status(ada) != "Quarantined")
        return ada.all(refusal) == []

    until(is_released, office.gateway)
    until(lambda: office.offered() == ["changing__one", "changing__two"], office.gateway)
    kept = [one["t"] for one in office.gateway.records(500) if one["t"] in ("server.quarantined", "server.released")]
    assert kept == ["server.quarantined", "server.released"]
    assert office.gateway.verify().returncode == 0


def test_no_page_complained(office):
    assert office.complaints() == []
