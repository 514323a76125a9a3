"""Governance reviews by `interlock review`. `made` is anything with a gateway."""

import base64
import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

AGENT = "support-triage"
CONTROLS = ("owner", "credentials", "exceptions", "approvers", "alerts", "drills", "evals", "promotions", "break-glass")


def due_soon() -> dict:
    """The change of the policy by which the agent is to be reviewed within five days."""
    soon = date.today() + timedelta(days=5)
    return {f"agents/{AGENT}.yaml": lambda text: re.sub(r"review_by: .*", f'review_by: "{soon}"', text)}


def review(made, *words: str, **options):
    return made.gateway.run("review", *words, **options)


def answer(made, *words: str, code: int = 0, **options) -> list[dict]:
    done = review(made, *words, "--json", check=False, **options)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def yesterday() -> str:
    return str(date.today() - timedelta(days=1))


def day(later: int) -> str:
    """The time so many days from now, as commands take it."""
    return (datetime.now(UTC) + timedelta(days=later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sampled(made, review_id: str) -> list[str]:
    """The leaves of the sample."""
    (shown,) = answer(made, "sample", review_id)
    return [one["leaf"] for stratum in shown["strata"] for one in stratum["records"]]


def address(leaf: str) -> str:
    """The leaf as the address of its page has it."""
    return base64.b64decode(leaf).hex()


def mark(made, review_id: str, leaf: str, *words: str):
    """Opens a record of the sample, and marks it."""
    answer(made, "sample", review_id, "--open", leaf)
    answer(made, "sample", review_id, "--mark", leaf, *words)


def in_days(count: int) -> str:
    return str(date.today() + timedelta(days=count))


def started(made, agent: str = AGENT, period: tuple[str, ...] | None = None, **options) -> str:
    """Starts a review, of the time since yesterday by default; the command waits for a checkpoint of after the period."""
    time.sleep(1)  # The period ends with the last whole second, and has the calls that were made before it.
    (review,) = answer(made, "start", agent, *(period or ("--from", yesterday())), **options)
    return review["review"]


def policy_of(record: dict) -> str:
    return "sha256:" + base64.b64decode(record["pol"]).hex()


def stated(record: dict, path: Path, **more) -> str:
    """Writes what the reviewer states of the review whose start is on record; returns the path."""
    path.write_text(json.dumps({
        "policy": policy_of(record), "parts": ["scopes", "retire", "drift", "controls"],
        "controls": [{"control": name, "ok": True} for name in CONTROLS], **more}))
    return str(path)
