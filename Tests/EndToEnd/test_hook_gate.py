"""A model and instruction files that a coding agent's hooks name, at the change gate: the real adapter, and a session whose
next call is refused (docs/specs/evals.md, sections 5 and 6)."""

import os
import re

import pytest

from conftest import missing
from evaluating import key
from people import People
from test_hook_outside import ADA, INES, READ, SAM, House
from waits import until

pytestmark = pytest.mark.requirement("R116", "R117")

POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
eval:
  signers: [{{key: "KEY", held_by: [{sam}]}}]
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
agents:
  coder:
    owner: {ada}
    purpose: Writes code
    tier: low
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {user}}}
    mcp_scopes: {{host: [read]}}
"""
LIST = """\
interlock_fingerprint: 1
prompt: [CLAUDE.md, docs/rules.md]
models: [{provider: acme, id: model-5}, {provider: acme, id: model-6}]
"""


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    folder = tmp_path_factory.mktemp("people")
    with People(folder, {ADA: ["kill", "resume", "security"], SAM: ["resume"], INES: ["resume"]}) as people:
        made = House(binary, people, POLICY.replace("KEY", key(people, SAM)))
        try:
            evaluate(made, LIST, "--starter")
            yield made
        finally:
            made.close()


def evaluate(house, listed: str, *words: str) -> None:
    project = house.base / "list"
    (project / "docs").mkdir(parents=True, exist_ok=True)
    for name in ("CLAUDE.md", "docs/rules.md"):
        (project / name).write_text("Be brief.\n")
    (project / "fingerprint.yaml").write_text(listed)
    done = house.gateway.run("eval", "run", "coder", *words, "--fingerprint", str(project / "fingerprint.yaml"), "--sign", "agent")
    house.gateway.run("eval", "gate", "--submit", re.search(r"^result of coder: (.+)$", done.stderr, re.M)[1])


class Session:
    """Each read is a call of its own."""

    def __init__(self, house, name: str, model: str = "model-5"):
        self.house, self.name, self.reads = house, name, 0
        assert house.use(name, "SessionStart", source="startup", model=model).code == 0

    def read(self):
        self.reads += 1
        return self.house.use(self.name, call=f"toolu_{self.name}_{self.reads}", **READ)

    def switch(self, event: str, **members) -> None:
        assert self.house.use(self.name, event, **members).code == 0

    def load(self, path: str, reason: str = "session_start") -> None:
        assert self.house.use(self.name, "InstructionsLoaded", file_path=path, memory_type="Project",
                              load_reason=reason).code == 0

    def check(self, served: bool, part: str | None = None) -> None:
        done = self.read()
        if served:
            return check_allowed(done)
        assert done.refused and "(eval-missing)" in done.said, done
        until(lambda: [one for one in self.house.gateway.records(300, type="eval.refused")
                       if one.get("codes") == [part]], self.house.gateway)


def check_allowed(done) -> None:
    assert (done.code, done.said) == (0, ""), done


def test_a_model_that_the_evals_do_not_name_refuses_the_next_call(house):
    session, other = Session(house, "m1"), Session(house, "m2", "model-6")
    session.check(True)
    for event in ("PreModelSwitch", "PostModelSwitch"):
        session.switch(event, from_model="model-5", to_model="model-7")
        session.check(False, "model")
        other.check(True)
        session.switch("PostModelSwitch", from_model="model-7", to_model="model-6")
        session.check(True)
    session.switch("PostModelSwitch")
    session.check(False, "model")
    Session(house, "m3", "model-7").check(False, "model")


def test_a_file_of_instructions_that_the_evals_do_not_name_refuses_the_next_call(house):
    session = Session(house, "f1")
    session.load("/workspace/CLAUDE.md")
    session.load("/workspace/docs/rules.md", "include")
    session.check(True)
    session.load("/workspace/sub/CLAUDE.md", "nested_traversal")
    session.check(False, "prompt")
    session.load("/workspace/CLAUDE.md", "compact")
    session.check(False, "prompt")
    own = Session(house, "f2")
    own.load("/home/coder/.claude/CLAUDE.md")
    own.check(False, "prompt")
    assert [one for one in house.records("f1") if one["t"] == "call.denied"]


def test_evals_of_the_new_model_let_the_session_go_on(house):
    session = Session(house, "n1", "model-8")
    session.check(False, "model")
    evaluate(house, LIST.replace("model-6", "model-8"))
    session.check(True)
    # A result of the list of before is older now, and this session shows a model that the newest does not name.
    session.switch("PostModelSwitch", from_model="model-8", to_model="model-6")
    session.check(False, "model")
