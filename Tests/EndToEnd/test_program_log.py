"""The program's own log: text for people, or one JSON object per line for log collectors."""

import json
import signal
import time
from datetime import datetime

import pytest

from broken import check_does_not_start


def lines(made) -> list[dict]:
    return [json.loads(line) for line in made.gateway.stderr().splitlines()]


def test_each_line_is_an_object_from_the_ready_to_the_end(organisation):
    made = organisation(servers=("tickets",), settings={"log": {"format": "json"}})
    (made.gateway.policy / "org.yaml").write_text("yes | no | {\n")
    made.gateway.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while not any(one["message"].startswith("the old policy stays") for one in lines(made)):
        assert time.monotonic() < deadline, made.gateway.stderr()
        time.sleep(0.1)
    made.gateway.run("kill", "--all", "--reason", "the log of the program", by="ada@acme.example", check=False)
    assert made.gateway.stop() == 0
    said = lines(made)
    for one in said:
        assert set(one) == {"time", "level", "part", "message"}, one
        assert one["level"] in ("info", "warning", "error")
        datetime.strptime(one["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert [one["time"] for one in said] == sorted(one["time"] for one in said)
    found = {(one["part"], one["level"]) for one in said}
    assert {("serve", "info"), ("policy", "warning"), ("servers", "info"), ("alarms", "warning")} <= found, found
    assert said[-1]["message"] == "ended"


def test_why_it_does_not_start_is_an_object_too(organisation):
    made = organisation(servers=(), start=False, settings={"log": {"format": "json"}})
    (made.gateway.folder / "state" / "interlock.db").write_bytes(b"no database" * 1000)
    check_does_not_start(made, {74})
    last = lines(made)[-1]
    assert (last["level"], last["part"]) == ("error", "serve") and "interlock.db" in last["message"]


@pytest.mark.parametrize("value", ["xml", "[json]"])
def test_another_format_is_refused_with_its_place(organisation, value):
    made = organisation(servers=(), start=False, settings={"log": {"format": value}})
    assert "text or json" in check_does_not_start(made, {65}, "interlock.yaml:")


def test_as_it_is_by_default_it_is_text(organisation):
    made = organisation(servers=("tickets",))
    assert made.gateway.stop() == 0
    assert made.gateway.stderr().splitlines()[-1] == "interlock: ended"
