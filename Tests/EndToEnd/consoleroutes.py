"""The routes of the console, and which of them are pages to read: the table that `test_console_routes.py` compares with the
program's sources and with the pages that the tests of all pages ask."""

import re
from fnmatch import fnmatchcase

from conftest import ROOT

ADDRESSES = ROOT / "Sources" / "Edge" / "API" / "Addresses"
# The address of each route that is a page; `*` is one part of it.
READ = {
    "OpenRoute.signIn": "/sign-in",
    "OpenRoute.enrolment": "/enrol/*",
    "OwnRoute.now": "/now",
    "OwnRoute.health": "/health",
    "OwnRoute.evals": "/evals",
    "OwnRoute.ready": "/ready",
    "OwnRoute.promotion": "/promotions/*",
    "OwnRoute.hosts": "/hosts",
    "OwnRoute.search": "/search",
    "OwnRoute.palette": "/search/list",
    "OwnRoute.inbox": "/approvals",
    "OwnRoute.review": "/approvals/*",
    "OwnRoute.breakGlass": "/approvals/*/break-glass",
    "AgentsRoute.list": "/agents",
    "AgentsRoute.detail": "/agents/*",
    "AgentsRoute.reviews": "/agents/reviews/due",
    "ReviewRoute.summary": "/agents/*/review",
    "ReviewRoute.record": "/agents/*/review/records/*",
    "ReviewRoute.scopes": "/agents/*/review/scopes",
    "AlertsRoute.list": "/alerts",
    "AlertsRoute.story": "/alerts/*",
    "AlertsRoute.incident": "/alerts/incidents/*",
    "AuditRoute.search": "/audit",
    "AuditRoute.tail": "/audit/tail",
    "AuditRoute.record": "/audit/*",
    "HaltRoute.list": "/halt",
    "HaltRoute.report": "/halts/*",
    "HaltRoute.drill": "/halt/drills/*",
    "MergesRoute.list": "/merges",
    "MergesRoute.check": "/merges/*",
    "PeopleRoute.list": "/people",
    "PeopleRoute.person": "/people/*",
    "PeopleRoute.waiting": "/people/waiting",
    "PeopleRoute.workload": "/people/workload",
    "PeopleRoute.services": "/people/services",
    "PolicyRoute.overview": "/policy",
    "PolicyRoute.matrix": "/policy/matrix",
    "PolicyRoute.cell": "/policy/matrix/*/*",
    "PolicyRoute.rules": "/policy/rules",
    "PolicyRoute.rule": "/policy/rules/*",
    "PolicyRoute.findings": "/policy/findings",
    "PolicyRoute.agents": "/policy/agents",
    "PolicyRoute.agent": "/policy/agents/*",
    "PolicyRoute.proposed": "/policy/proposed",
    "RunsRoute.list": "/runs",
    "RunsRoute.run": "/runs/*",
    "RunsRoute.changes": "/runs/*/changes",
    "ServersRoute.list": "/servers",
    "ServersRoute.detail": "/servers/*",
    "SettingsRoute.page": "/settings",
}
# Addresses of such a page without an agent.
OF_THE_ORGANISATION = {"/agents/reviews/org": "/agents/*/review"}
FORM, FILE = "a form", "a file"
# The other routes, and what they are.
OTHERS = {
    "Route.asset": FILE,
    "OpenRoute.beat": "the sign of life, of one word",
    "OpenRoute.signInChallenge": FORM, "OpenRoute.signInAnswer": FORM,
    "OpenRoute.enrolmentChallenge": FORM, "OpenRoute.enrolmentAnswer": FORM,
    "OwnRoute.home": "leads to another page", "OwnRoute.load": "leads to another page",
    "OwnRoute.deny": FORM, "OwnRoute.revoke": FORM, "OwnRoute.signOut": FORM,
    "ReviewRoute.start": FORM, "ReviewRoute.statement": FORM, "ReviewRoute.mark": FORM, "ReviewRoute.patch": FILE,
    "AlertsRoute.dispose": FORM, "AlertsRoute.act": FORM, "AlertsRoute.close": FORM,
    "AuditRoute.archive": FILE, "AuditRoute.leaf": FILE, "AuditRoute.proof": FILE, "AuditRoute.check": FORM,
    "RunsRoute.replay": FORM, "RunsRoute.bundle": FILE,
    "SettingsRoute.appearance": FORM, "SettingsRoute.endOthers": FORM,
}
# The pages that the tests of all pages do not ask, for the state that they need, and the test that does.
ELSEWHERE = {
    "/sign-in": "test_console_review.py::test_every_page_fits_and_everybody_can_use_it",
    "/enrol/*": "test_console_review.py::test_every_page_fits_and_everybody_can_use_it",
    "/approvals/*": "test_console_review.py::test_every_page_fits_and_everybody_can_use_it",
    "/approvals/*/break-glass": "test_people_by_passkey.py::test_glass_is_broken_and_another_person_reviews_it",
    "/merges/*": "test_coding_agent_run.py::test_pages_have_the_sessions_of_hooks_and_the_checks_before_merges",
    "/promotions/*": "test_ready_pages.py::test_the_page_of_a_promotion_fits_and_everybody_can_use_it",
    "/runs/*/changes": "test_workspace_review.py::test_flagged_changes_are_approved_on_the_page_and_applied",
    "/search/list": "test_console_palette.py::test_the_palette_leads_anywhere_by_keys_alone_and_does_nothing",
}
CASE = re.compile(r"\s+case (\w+)(?:\((\w+)[^)]*\))?$")


def declared() -> set[str]:
    """The routes that the program declares, as `enum.case`, without those that are a section with routes of its own."""
    found = set()
    for file in sorted(ADDRESSES.glob("*Route.swift")):
        name = None
        for line in file.read_text().splitlines():
            if kind := re.match(r"(\s*)(?:package )?(?:enum|struct) (\w+)", line):
                # The steps of a route are cases of it.
                name = file.stem if kind[1] else kind[2]
            if re.match(r"\s+case \w", line) and not re.match(r"\s+case [^(]*:", line):
                case = CASE.match(line)
                assert case is not None, f"{file.name}: this line is not read as one route: {line}"
                if not (case[2] or "").endswith("Route"):
                    found.add(f"{name}.{case[1]}")
    return found


def page_of(path: str) -> str | None:
    """The address in `READ` of the page that has a path with any query: the one with the fewest `*`."""
    path = path.partition("?")[0]
    path = OF_THE_ORGANISATION.get(path, path)
    fitting = [one for one in READ.values() if one.count("/") == path.count("/") and fnmatchcase(path, one)]
    return min(fitting, key=lambda one: one.count("*"), default=None)
