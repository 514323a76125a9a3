"""Every request that the API's document allows gets a documented response, and every other request is refused:
schemathesis sends them to a real gateway, with the session of a signed-in person and with the token of a service."""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA  # noqa: E402
from conftest import interpreter  # noqa: E402
from programs import office, paul  # noqa: E402, F401
from refunding import Asking  # noqa: E402

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SEED, SECONDS = 20261121, 400
# For a session, requests that cover the document, and a few at random of each operation; for a service, these few alone,
# because the same operations parse them. `make stress` has all phases and more requests.
ALL = "examples,coverage,fuzzing,stateful"
WHOLE = pytest.param(40, ALL, marks=pytest.mark.stress, id="whole")


def of_session(paul) -> str:
    return f"""
[auth.openapi.session]
api_key = "{paul.cookie.split("=", 1)[1]}"

[auth.openapi.proof]
api_key = "of each request, see `provinghook`"

[auth.openapi.form_token]
api_key = "{paul.form_token}"
"""


def proven(paul) -> dict[str, str]:
    """The environment in which each request has a proof by the key of the session."""
    here = Path(__file__).parent
    command = [sys.executable, here / "proving.py", paul.session.office.origin, paul.cookie, json.dumps(paul.session.jwk)]
    return {"SCHEMATHESIS_HOOKS": "provinghook", "PYTHONPATH": str(here), "INTERLOCK_PROVER": shlex.join(map(str, command))}


def ask_everything(office, examples: int, phases: str, credentials: str, folder: Path, *words: str, more: str = "",
                   environment: dict | None = None) -> str:
    """Runs the phases, with `examples` requests at random of each operation; returns what schemathesis printed."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(more + CONFIGURATION.read_text() + credentials)
    program = interpreter("schemathesis").with_name("st")
    found = subprocess.run(
        [program, "--config-file", configuration, "run", f"{office.origin}/api/v1/openapi.json", "--seed", str(SEED),
         "--phases", phases, "--max-examples", str(examples), "--generation-deterministic",
         "--request-timeout", "20", "--no-color", *words],
        cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=SECONDS)
    said = "\n".join(line[:300] for line in found.stdout.splitlines())
    assert found.returncode == 0, said[-12_000:] + found.stderr[-2000:]
    return found.stdout


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("examples, phases", [pytest.param(4, "examples,coverage,fuzzing", id="some"), WHOLE])
def test_schemathesis_finds_no_failure(office, paul, tmp_path, examples, phases):
    with ThreadPoolExecutor(2) as pool:
        # The lists have a pending request, which a sequence of operations may find there and deny.
        Asking(office.acme, pool).ask_and_leave()
        ask_everything(office, examples, phases, of_session(paul), tmp_path, environment=proven(paul))
        # Then the id of another pending request, which one of the requests denies: of the operations that take one,
        # because the others are asked the same as before. The sequences of these operations are in each run.
        refunds = Asking(office.acme, pool)
        request = refunds.ask_and_leave()
        pinned = f'[parameters]\n"path.approval" = "apr_{request}"\n\n'
        ask_everything(
            office, examples, ALL, of_session(paul), tmp_path, "--include-path-regex", "{approval}", more=pinned,
            environment=proven(paul))
        assert paul.get(f"/approvals/apr_{request}").json["state"] == "denied"
        assert refunds.paid() == refunds.before


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("examples, phases", [pytest.param(4, "examples,fuzzing", id="some"), WHOLE])
def test_schemathesis_finds_no_failure_as_a_service(office, tmp_path, examples, phases):
    token = office.gateway.run(
        "tokens", "issue", "schema", "--role", "security", "--for", "1h", "--reason", "asks everything there is",
        by=ADA).stdout.strip()
    said = ask_everything(
        office, examples, phases, f'\n[auth.openapi.service_token]\nbearer = "{token}"\n', tmp_path, "--include-method", "GET")
    assert token not in said
