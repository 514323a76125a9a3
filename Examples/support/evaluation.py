"""The evals of support-triage: its suite and prompt beside the policy of a deployment, and a change of the agent."""

import base64
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from string import Template

from deployment import Deployment, Failure

HERE = Path(__file__).resolve().parent
AGENT = "support-triage"

# The reasons for which a machine, or a user, can have no sandbox, with the exit code of each (docs/sandbox.md).
NO_SANDBOX = {"root": 64, **dict.fromkeys((
    "nested", "container-filter", "userns-denied", "userns-limit", "proc-masked", "no-overlay", "no-landlock", "no-seccomp",
    "kernel-too-old"), 70)}

# The change: a line of the prompt, the grant that it needs, and the case for it.
LINE = "Look up the invoice before you answer a question about one.\n"
GRANT = ("      crm: [read]\n", "      crm: [read]\n      billing: [get_invoice]\n")
CASE = """\
interlock_eval: 1
id: read-an-invoice
kind: policy
class: allow
reviewed: {by: rui@acme.example, on: "${reviewed_on}"}
call: billing.get_invoice
args: {id: INV-20932}
at: "${reviewed_on}T10:00:00Z"
expect: allow
"""


def signed_by(person: str, public: Path) -> str:
    """The section of a policy by which the key of this person signs results; `public` is the file of its public half."""
    key = base64.b64encode(base64.b64decode(public.read_text().split()[1])[-32:]).decode()
    return f'eval:\n  signers: [{{key: "ed25519:{key}", held_by: [{person}]}}]\n'


class Evals:
    """Each command reads the policy, the lock and the suite of the deployment as they are on disk."""

    def __init__(self, gateway: Deployment):
        self.gateway = gateway
        self.suite = gateway.folder / "suites" / AGENT
        self.prompt = gateway.folder / "prompts" / f"{AGENT}.md"
        self.evaluated = 0.0  # the time of the last result
        self.values = {"reviewed_on": date.today() - timedelta(days=14)}

    def write(self) -> None:
        """The suite, with `${reviewed_on}` filled in, and the prompt that its fingerprint lists."""
        for name in ("suites", "prompts"):
            shutil.copytree(HERE / name, self.gateway.folder / name)
        for path in (self.suite / "cases").iterdir():
            path.write_text(self.filled(path.read_text()))

    def filled(self, text: str) -> str:
        return Template(text).substitute(self.values)

    def run(self, *words: str) -> str:
        """The verdict and the number of cases. Raises `Failure` unless the suite passes."""
        return self.gateway.run("eval", "run", AGENT, *words).stdout.splitlines()[-1]

    def evaluate(self, *words: str) -> str:
        """Runs the suite, with more words of `eval run`, signs the result, and hands it to the gateway, which must be up. A
        result has its time in whole seconds, and of two results with the same one the gateway does not know the later."""
        time.sleep(max(0, int(self.evaluated) + 1 - time.time()))
        done = self.gateway.run("eval", "run", AGENT, "--sign", "agent", *words)
        written = re.search(rf"^result of {AGENT}: (.+)$", done.stderr, re.M)
        self.evaluated = time.time()
        if not written:
            raise Failure(f"no result was written: {done.stdout}{done.stderr}")
        taken = self.gateway.run("eval", "gate", "--submit", written[1]).stdout.strip()
        return f"{done.stdout.splitlines()[-1]}; {taken.removeprefix(AGENT + ': ')}"

    def gate(self) -> tuple[int, str]:
        """Exit code and answer of `interlock eval gate`, as continuous integration has them."""
        done = self.gateway.run("eval", "gate", AGENT, check=False)
        return done.returncode, (done.stdout or done.stderr).splitlines()[0]

    def run_in_checkout(self) -> str:
        """`interlock run` measures the prompt of the workspace that it starts in: a run begins with the prompt that was
        evaluated, and none with one line more. Where this machine cannot sandbox a run, the answer says so."""
        with tempfile.TemporaryDirectory(prefix="interlock-checkout-") as folder:
            checkout = Path(folder)
            shutil.copy(self.prompt, checkout / "CLAUDE.md")
            (checkout / "fingerprint.yaml").write_text("interlock_fingerprint: 1\nprompt: [CLAUDE.md]\n")
            self.evaluate("--fingerprint", str(checkout / "fingerprint.yaml"))
            code, reason, said = self.begin(checkout)
            if code != 0 and NO_SANDBOX.get(reason) == code:
                return f"not shown, as this machine makes no sandbox (`{reason}`)"
            if code != 0:
                raise Failure(f"exit {code}, {reason}: {said}")
            with (checkout / "CLAUDE.md").open("a") as file:
                file.write(LINE)
            code, reason, said = self.begin(checkout)
            if code != 77 or "eval-missing" not in said:
                raise Failure(f"exit {code}: {said}")
            return f"exit 77, {said.splitlines()[0].removeprefix('interlock: ')}"

    def begin(self, checkout: Path) -> tuple[int, str, str]:
        """Exit code, reason and messages of a run of `true`."""
        done = subprocess.run(
            [str(self.gateway.binary), "run", AGENT, "--dir", str(self.gateway.folder), "--workspace", str(checkout), "--json",
             "--purpose", "tour", "--", "true"],
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, cwd="/")
        *said, report = done.stderr.splitlines() or [done.stdout, "{}"]
        return done.returncode, json.loads(report).get("reason", "no report"), "\n".join(said)

    def change_prompt(self) -> None:
        self.prompt.write_text(self.prompt.read_text() + LINE)

    def widen(self, *signers: str) -> str:
        """Grants what the changed prompt needs, adds its case, and puts the policy in force. The first of `signers` is
        the author; without any, the policy is not signed off."""
        agent = self.gateway.policy / "agents" / f"{AGENT}.yaml"
        before, text = self.policy(), agent.read_text()
        if GRANT[0] not in text:
            raise Failure(f"{agent} has no {GRANT[0].strip()}")
        agent.write_text(text.replace(*GRANT))
        (self.suite / "cases" / "read-an-invoice.yaml").write_text(self.filled(CASE))
        if signers:
            self.gateway.sign_off(*signers)
        self.gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 15
        while (now := self.policy()) == before:
            if time.monotonic() > deadline:
                raise Failure(f"the policy was not loaded: {self.gateway.stderr()[-2000:]}")
            time.sleep(0.05)
        return now

    def policy(self) -> str:
        return self.gateway.json("status")[0]["policy"]

    def lacking(self) -> tuple[list[str], str | None]:
        """The agents without a result that counts, and the time from which those without any are refused."""
        evals = self.gateway.json("status")[0]["evals"]
        return ([one["agent"] for one in evals["agents"] if one["gate"] != "passed"],
                evals["refuses_missing_from"])

    def capture(self, record: int, by: str) -> Path:
        """The draft of a case that was made from a record."""
        (made,) = self.gateway.json("eval", "capture", str(record), "--by", by)
        return Path(made["path"])

    def confirm(self, draft: Path, expect: str, by: str) -> str:
        return self.gateway.run(
            "eval", "capture", "--confirm", str(draft), "--expect", expect, "--by", by).stdout.strip()
