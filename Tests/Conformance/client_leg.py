#!/usr/bin/env python3
"""The command for the client scenarios of the official suite (modelcontextprotocol/conformance), which adds the URL of
its mock server:

    conformance client --command '.build/python/tests/bin/python Tests/Conformance/client_leg.py' --requirements 2026-07-28

Between a caller and the mock server runs a gateway of its own, with policy and log. The scenarios of authorization are
the gateway's own, as the operator and the person in the browser run it: `servers authorize`, again where the server
requires more scopes, and a new issuer in the configuration where the server has changed it. In the others the MCP SDK
2.3.0 calls through the gateway.

INTERLOCK_BIN is the gateway; default .build/release/interlock.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "EndToEnd"), str(ROOT / "Examples" / "support")]

import make_organisation  # noqa: E402
from conftest import interpreter, organise  # noqa: E402
from consenting import sign_in  # noqa: E402
from faulty import policy  # noqa: E402
from people import People  # noqa: E402
from sdk import SDKClient  # noqa: E402
from wire import Session  # noqa: E402

SCENARIO = os.environ["MCP_CONFORMANCE_SCENARIO"]
VERSION = os.environ["MCP_CONFORMANCE_PROTOCOL_VERSION"]
BINARY = Path(os.environ.get("INTERLOCK_BIN", ROOT / ".build" / "release" / "interlock")).absolute()
CONTEXT = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
DOCUMENT = "https://conformance-test.local/client-metadata.json"

# The tools of each mock server, and the calls of the caller.
CALLS = {
    "initialize": [], "tools_call": [("add_numbers", {"a": 5, "b": 3})],
    "elicitation-sep1034-client-defaults": [("test_client_elicitation_defaults", {})],
    "sse-retry": [("test_reconnection", {})], "request-metadata": [],
    "sep-2322-client-request-state": [
        ("test_mrtr_echo_state", {}), ("test_mrtr_unrelated", {}), ("test_mrtr_no_state", {}),
        ("test_mrtr_no_result_type", {})],
    "http-standard-headers": [("test_headers", {}), ("my-hyphenated-tool", {})],
    "http-custom-headers": [(one["name"], one["arguments"]) for one in CONTEXT.get("toolCalls", [])],
    "http-invalid-tool-headers": [("valid_tool", {"region": "us-west1"})], "json-schema-ref-no-deref": [],
}
# The defaults of the form, as a person accepts them.
ANSWER = {"name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": True, "confirmed": True}


def world(stack: ExitStack, url: str, tools: list[str], settings: dict, credentials: bool):
    """A gateway in front of the mock server, not started."""
    folder = Path(tempfile.mkdtemp(prefix="interlock-conformance-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    files = policy("up", f'{{http: "{url}"}}', tuple(tools))
    if credentials:
        files["servers/up.yaml"] += "    credentials: {tester: {header: Authorization, secret: up}}\n"
    else:
        files["servers/up.yaml"] += (
            "    asks: [elicitation_form, elicitation_url, sampling, roots]\n"
            '    resources: {rest: {uri: "file:///{+rest}", class: read}}\n    prompts: {test_prompt: {class: read}}\n')
    people = stack.enter_context(People(folder / "people", make_organisation.PEOPLE))
    made = organise(stack, BINARY, people, folder / "organisation", extra=files, servers=(), start=False,
                    settings=settings)
    return made


# Authorization.

def fetched(url: str, data: bytes | None = None) -> tuple[dict, dict]:
    """The headers and the JSON of a response, whatever its status."""
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found, body = answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        found, body = answer.headers, answer.read()
    try:
        return dict(found), json.loads(body)
    except ValueError:
        return dict(found), {}


def issuer_of(url: str) -> str:
    """The issuer, as an operator finds it who reads the server's metadata to configure it."""
    message = {"jsonrpc": "2.0", "id": "operator", "method": "ping"}
    headers, _ = fetched(url, json.dumps(message).encode())
    challenge = next((value for name, value in headers.items() if name.lower() == "www-authenticate"), "")
    parts = urllib.parse.urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    places = [f"{origin}/.well-known/oauth-protected-resource{parts.path}", f"{origin}/.well-known/oauth-protected-resource"]
    if 'resource_metadata="' in challenge:
        places = [challenge.split('resource_metadata="')[1].split('"')[0]]
    for place in places:
        _, found = fetched(place)
        if "authorization_servers" in found:
            return found["authorization_servers"][0]
    raise SystemExit(f"no metadata at {places}")


def origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def entry(issuer: str) -> str:
    """The client of the server in `secrets.oauth`."""
    method = {"auth/token-endpoint-auth-basic": "client_secret_basic", "auth/pre-registration": "client_secret_basic",
              "auth/token-endpoint-auth-post": "client_secret_post"}.get(SCENARIO, "none")
    if "client_id" in CONTEXT:
        who = f"client: {CONTEXT['client_id']}, secret: client-key"
    else:
        who = f'client_metadata: "{DOCUMENT}", register: true' if method == "none" else "register: true"
    return f'{{up: {{issuer: "{issuer}", grant: authorization_code, method: {method}, {who}}}}}'


def authorize(stack: ExitStack, url: str) -> int:
    issuer = issuer_of(url)
    made = world(stack, url, ["test-tool"], {}, credentials=True)
    gateway = made.gateway
    if "client_secret" in CONTEXT:
        secrets = gateway.folder / "secrets"
        secrets.mkdir(mode=0o700, exist_ok=True)
        (secrets / "client-key").write_text(CONTEXT["client_secret"])
        (secrets / "client-key").chmod(0o600)

    def configure(issuer: str) -> None:
        gateway.configure("authorization", private_origins=f'["{origin(url)}", "{origin(issuer)}"]')
        gateway.configure("secrets", oauth=entry(issuer))

    configure(issuer)
    gateway.start()
    done = sign_in(gateway, "up")
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        return 1
    if SCENARIO == "auth/authorization-server-migration":
        # The gateway blocks the server, with an alarm. The operator looks, and names the new issuer.
        wait_for(lambda: "another issuer" in gateway.stderr(), 6)
        gateway.kill()
        configure(issuer_of(url))
        gateway.start()
        done = sign_in(gateway, "up")
        print(done.stdout + done.stderr)
    if not listed(gateway, 6):
        # The server requires more than it said first. A person is asked once more, and no further.
        if "requires scopes" in gateway.stderr():
            print(sign_in(gateway, "up").stderr)
            listed(gateway, 3)
        return 1
    session = made.session("tester")
    answer = call(session)
    if "requires scopes" in answer:
        print(answer)
        again = sign_in(gateway, "up")
        if again.returncode != 0:
            print(again.stdout + again.stderr)
            return 1
        answer = call(session)
    print(answer)
    return 0 if '"isError": true' not in answer and '"error"' not in answer else 1


def call(session: Session) -> str:
    return json.dumps(session.call("up__test-tool").message)


def wait_for(holds, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def listed(gateway, seconds: float) -> bool:
    """Whether the gateway offers the server's tool in that time."""
    session = Session(gateway.port, gateway.token("tester"))
    return wait_for(lambda: session.request("tools/list").message["result"]["tools"], seconds)


# Other scenarios.

def converse(stack: ExitStack, url: str) -> int:
    calls = CALLS[SCENARIO]
    tools = sorted({name for name, _ in calls}) or ["any_tool"]
    made = world(stack, url, tools, {}, credentials=False)
    made.gateway.start()
    if calls:
        made.gateway.wait_for_tools("tester", "up", seconds=15)
    else:
        time.sleep(2)  # the gateway itself lists what there is
    mode = "auto" if VERSION >= "2026" else "legacy"
    with SDKClient(interpreter("mcp-2.3.0"), "--http", made.gateway.url, token=made.token("tester"),
                   environment={"MCP_MODE": mode, "INTERLOCK_ANSWER": json.dumps(ANSWER)}) as client:
        print(json.dumps(client.list())[:2000])
        for name, arguments in calls:
            print(name, json.dumps(client.call(f"up__{name}", **arguments))[:2000])
    return 0


def main() -> int:
    url = sys.argv[-1]
    with ExitStack() as stack:
        return (authorize if SCENARIO.startswith("auth/") else converse)(stack, url)


if __name__ == "__main__":
    sys.exit(main())
