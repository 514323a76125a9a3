#!/usr/bin/env python3
"""Writes the review file of `interlock provenance check --review` from what a platform says of a change.

    review_file.py github --event EVENT --reviews FILE --checks FILE --people FILE [--open FILE]
    review_file.py gitlab --merge-request FILE --approvals FILE --settings FILE --jobs FILE --people FILE [--open FILE]

The files are answers of the platform's API, as the workflows beside this script fetch them. PEOPLE says who is behind an
account, and which jobs are the required checks; it belongs to the repository, and changing it needs two people. An
account that it does not name approves nothing. Exit 65 if a file is not of its form.
"""

import argparse
import json
import sys
from pathlib import Path

MOST_BYTES = 16 << 20
KINDS = {"User": "person", "Bot": "bot", "Organization": "group"}
STATES = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes_requested", "COMMENTED": "commented",
          "DISMISSED": "dismissed", "PENDING": "pending"}
PASSED = {"success"}
WAITING = {"queued", "in_progress", "waiting", "requested", "pending", "created", "running", "preparing", "scheduled",
           "waiting_for_resource", "manual"}


class Unfit(Exception):
    """A file is not of its form."""


def read(path: str):
    data = Path(path).read_bytes()
    if len(data) > MOST_BYTES:
        raise Unfit(f"{path}: more than {MOST_BYTES} bytes")
    return json.loads(data)


class People:
    """Who is behind the accounts of a platform, by their names in lower case."""

    def __init__(self, table: dict):
        self.people = {name.lower(): str(address) for name, address in table["people"].items()}
        self.agents = {name.lower(): agent for name, agent in table.get("agents", {}).items()}
        # The platform's name of a job, and the required check that it is.
        self.checks = {str(job): name for name, jobs in table["checks"].items() for job in jobs}

    def author(self, account: str) -> dict:
        if agent := self.agents.get(account.lower()):
            return {"author": f"agent:{agent['agent']}", "on_behalf_of": agent["on_behalf_of"]}
        if person := self.people.get(account.lower()):
            return {"author": person}
        raise Unfit(f"no person is behind the author `{account}`")

    def reviewer(self, account: str, kind: str) -> dict:
        known = self.people.get(account.lower())
        return {"by": known or account, "kind": kind if known or kind != "person" else "bot"}

    def merger(self, accounts: list[tuple[str, str]]) -> dict:
        """The one assignee owns the change; more than one is a group."""
        if len(accounts) != 1:
            return {"merger": ", ".join(name for name, _ in accounts)[:128] or "no assignee", "merger_kind": "group"}
        found = self.reviewer(*accounts[0])
        return {"merger": found["by"], "merger_kind": found["kind"]}

    def outcomes(self, jobs: list[tuple[str, str, str]]) -> list[dict]:
        """Rows (job, commit, state). A required check passes if each of its jobs did."""
        rows: dict[tuple[str, str], list[str]] = {}
        for job, commit, state in jobs:
            if name := self.checks.get(job):
                result = "pass" if state in PASSED else "pending" if state in WAITING else "fail"
                rows.setdefault((name, commit), []).append(result)
        needed = {name: sum(1 for other in self.checks.values() if other == name) for name in self.checks.values()}
        answers = []
        for (name, commit), results in rows.items():
            is_waiting = "pending" in results or len(results) < needed[name]
            answers.append({"name": name, "commit": commit,
                            "result": "fail" if "fail" in results else "pending" if is_waiting else "pass"})
        return answers


def github(options, people: People) -> dict:
    change = read(options.event)["pull_request"]
    jobs: dict[tuple[str, str], dict] = {}
    # The last run of a job counts.
    for job in sorted(read(options.checks)["check_runs"], key=lambda one: one["id"]):
        jobs[job["name"], job["head_sha"]] = job
    return {
        "head": change["head"]["sha"], "base": change["base"]["sha"], **people.author(change["user"]["login"]),
        **people.merger([(one["login"], KINDS.get(one["type"], "bot")) for one in change["assignees"]]),
        "labels": sorted({one["name"] for one in change["labels"]}),
        "reviews": [{**people.reviewer(one["user"]["login"], KINDS.get(one["user"]["type"], "bot")),
                     "state": STATES[one["state"].upper()], "commit": one["commit_id"]}
                    for one in sorted(read(options.reviews), key=lambda one: one["submitted_at"]) if one["user"]],
        "checks": people.outcomes([(name, commit, job["conclusion"] or job["status"]) for (name, commit), job in jobs.items()]),
    }


def gitlab(options, people: People) -> dict:
    change = read(options.merge_request)
    refs = change["diff_refs"]
    # An approval of GitLab names no commit. It is of the head commit only where a push takes approvals back.
    resets = read(options.settings).get("reset_approvals_on_push") is True
    jobs: dict[str, dict] = {}
    for job in sorted(read(options.jobs), key=lambda one: one["id"]):
        jobs[job["name"]] = job
    return {
        "head": refs["head_sha"], "base": refs["base_sha"], **people.author(change["author"]["username"]),
        **people.merger([(one["username"], "person") for one in change["assignees"]]),
        "labels": sorted(set(change["labels"])),
        "reviews": [{**people.reviewer(one["user"]["username"], "person"), "state": "approved",
                     "commit": refs["head_sha"] if resets else refs["base_sha"]}
                    for one in read(options.approvals)["approved_by"]],
        "checks": people.outcomes([(name, job["commit"]["id"], job["status"]) for name, job in jobs.items()]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    for make, files in ((github, ("event", "reviews", "checks")), (gitlab, ("merge-request", "approvals", "settings", "jobs"))):
        one = kinds.add_parser(make.__name__)
        for name in (*files, "people"):
            one.add_argument(f"--{name}", required=True)
        one.add_argument("--open", help="the other open changes of agents for the person who merges, as {changes, lines}")
        one.set_defaults(make=make)
    options = parser.parse_args()
    try:
        review = options.make(options, People(read(options.people)))
        if options.open:
            review["open"] = read(options.open)
    except (Unfit, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"review_file.py: {type(error).__name__}: {error}", file=sys.stderr)
        return 65
    print(json.dumps(review, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
