#!/usr/bin/env python3
"""Writes the review file of `interlock provenance check --review` from what a platform says of a change.

    review_file.py github --event EVENT --reviews FILE --checks FILE --people FILE [--comments FILE] [--open FILE]
    review_file.py gitlab --merge-request FILE --approvals FILE --settings FILE --jobs FILE --people FILE [--open FILE]

The files are answers of the platform's API, as the workflows beside this script fetch them. PEOPLE says who is behind an
account, and which jobs are the required checks; it belongs to the repository, and changing it needs two people. An
account that it does not name approves nothing. The review file names the change, if the platform says when it was opened:
from that the gateway counts open changes and the work of reviewers. Exit 65 if a file is not of its form.
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


def named(repository: str, number: int, change: dict, is_open: bool, end: str | None, commit: str | None) -> dict:
    """The member `change` of the review file."""
    found = {"repository": repository, "number": str(number), "opened": change["created_at"],
             "state": "open" if is_open else "merged" if change.get("merged_at") else "closed"}
    if not is_open:
        found["ended"] = end
    if change.get("merged_at") and commit:
        found["merged_as"] = commit
    return {"change": found}


def without_none(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}


def github(options, people: People) -> dict:
    change = read(options.event)["pull_request"]
    # The text of a review is a comment, and so is each of its remarks on a line.
    comments = read(options.comments) if options.comments else None
    remarks = {} if comments is None else {one.get("id"): int(bool(one.get("body"))) for one in read(options.reviews)}
    for one in comments or []:
        if (review := one.get("pull_request_review_id")) in remarks:
            remarks[review] += 1
    jobs: dict[tuple[str, str], dict] = {}
    # The last run of a job counts.
    for job in sorted(read(options.checks)["check_runs"], key=lambda one: one["id"]):
        jobs[job["name"], job["head_sha"]] = job
    return {
        "head": change["head"]["sha"], "base": change["base"]["sha"], **people.author(change["user"]["login"]),
        **people.merger([(one["login"], KINDS.get(one["type"], "bot")) for one in change["assignees"]]),
        "labels": sorted({one["name"] for one in change["labels"]}),
        "reviews": [without_none({**people.reviewer(one["user"]["login"], KINDS.get(one["user"]["type"], "bot")),
                                  "state": STATES[one["state"].upper()], "commit": one["commit_id"],
                                  "at": one["submitted_at"], "comments": remarks.get(one.get("id"))})
                    for one in sorted(read(options.reviews), key=lambda one: one["submitted_at"]) if one["user"]],
        "checks": people.outcomes([(name, commit, job["conclusion"] or job["status"]) for (name, commit), job in jobs.items()]),
        **(named(change["base"]["repo"]["full_name"], change["number"], change, change["state"] == "open",
                 change.get("merged_at") or change.get("closed_at"), change.get("merge_commit_sha"))
           if "created_at" in change else {}),
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
        "reviews": [without_none({**people.reviewer(one["user"]["username"], "person"), "state": "approved",
                                  "commit": refs["head_sha"] if resets else refs["base_sha"], "at": one.get("approved_at")})
                    for one in read(options.approvals)["approved_by"]],
        "checks": people.outcomes([(name, job["commit"]["id"], job["status"]) for name, job in jobs.items()]),
        **(named(change["references"]["full"].rpartition("!")[0], change["iid"], change,
                 change["state"] in ("opened", "locked"), change.get("merged_at") or change.get("closed_at"),
                 change.get("squash_commit_sha") or change.get("merge_commit_sha")) if "created_at" in change else {}),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    for make, files in ((github, ("event", "reviews", "checks")), (gitlab, ("merge-request", "approvals", "settings", "jobs"))):
        one = kinds.add_parser(make.__name__)
        for name in (*files, "people"):
            one.add_argument(f"--{name}", required=True)
        one.add_argument("--comments", help="the remarks on lines, at GitHub")
        one.add_argument("--open", help="the older open changes of agents for the person who merges, as {changes, lines}")
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
