"""A crash (kill -9) at each write of decisions that are not signed votes: a break-glass order, a client's consent, a
denial by a link in a mail. `test_approval_crash.py` has the other writes."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import PAUL, RUI, SAM
from certificates import PEM, Authority, serving
from conftest import UNREUSED, organise
from deployment import approval_id
from receiving import Mails, field
from test_approval_crash import LOG, STORE, Crashing, crashing, is_asked_anew  # noqa: F401
from test_channels import World, mail
from test_waiting_clients import ANSWER, READER


def glass(crashing) -> list[str]:
    (status,) = crashing.made.gateway.json("status")
    return [one["request"].removeprefix("apr_") for one in status["break_glass"]["unreviewed"]]


# The alert is stored first, then the request.
@pytest.mark.parametrize("after", [(LOG, 0), (LOG, 1), (STORE, 1)], ids=["ordered", "next record", "stored"])
def test_while_glass_is_broken(crashing, after):  # noqa: F811
    refunds = crashing.asking()
    request = refunds.ask_and_leave()
    since = crashing.made.gateway.records(1)[-1]["index"]
    words = ("approvals", "break-glass", request, "--reason", "the others cannot be reached", "--ticket", "INC-1")
    crashing.dies(after, lambda: crashing.made.gateway.run(*words, by=SAM, check=False))
    crashing.again()
    said = [one["t"] for one in crashing.made.gateway.records(100) if one["index"] > since]
    assert "approval.breakglass" in said and request in glass(crashing), "who ordered it is on record"
    if after[0] == STORE:
        (shown,) = crashing.made.gateway.json("approvals", "show", request)
        assert (shown["state"], shown["revision"], shown["quorum"]) == ("pending", 2, 1)
        crashing.made.gateway.approve(request, PAUL)
    elif "approval.reissued" in said:
        assert crashing.state(request) is None, "nobody can say what people would be shown"
        assert is_asked_anew(refunds) and refunds.paid() == refunds.before
        return crashing.stop()
    else:
        (shown,) = crashing.made.gateway.json("approvals", "show", request)
        assert (shown["state"], shown["revision"], shown["quorum"]) == ("pending", 1, 2)
        for person in (PAUL, RUI):
            crashing.made.gateway.approve(request, person)
    assert refunds.paid() == refunds.before
    assert refunds.ask().result(30).code is None and refunds.paid() == refunds.before + 1
    crashing.stop()


@pytest.fixture(scope="module")
def consenting(binary, people, fault_library):
    """An organisation that accepts a client's word at tier low."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, start=False, segment=UNREUSED, servers=(),
                        extra={"agents/reader.yaml": READER},
                        settings={"approval_service": {"client_consent": "low"}})
        yield Crashing(made, fault_library, pool)


@pytest.mark.parametrize("after, is_granted", [((LOG, 2), False), ((STORE, 1), True)], ids=["granted", "stored"])
def test_while_a_client_consents(consenting, after, is_granted):
    made = consenting.made
    consenting.start()
    made.gateway.wait_for_tools("reader", "kb")
    token = made.token("reader")
    with made.sdk("1.22.0", "reader", token=token, environment=ANSWER) as client:
        # The store's first flush after a start is that of its file's header.
        assert not client.call("kb__get_article", 100, id="KB-2")["result"].get("isError")
        ran = made.count("kb", "get_article")

        def call():
            client.send("call", name="kb__get_article", arguments={"id": "KB-1"})
            consenting.wait(lambda: made.gateway.process.poll() is not None, 20)

        consenting.dies(after, call)
    consenting.start()
    made.gateway.wait_for_tools("reader", "kb")
    (request,) = made.gateway.json("approvals", "list")
    assert request["state"] == ("approved" if is_granted else "pending")
    assert made.count("kb", "get_article") == ran, "nothing was sent"
    with made.sdk("1.22.0", "reader", token=token, environment=ANSWER) as client:
        answer = client.call("kb__get_article", 100, id="KB-1")
        assert not answer["result"].get("isError"), answer
        assert len([note for note in client.heard() if note[0] == "asked"]) == (0 if is_granted else 1)
    assert made.count("kb", "get_article") == ran + 1
    used = [one for one in made.gateway.records(100) if one["t"] == "approval.used"]
    assert len([one for one in used if one["appr"] == approval_id(request)]) == 1
    consenting.stop()


@pytest.mark.parametrize("after", [(LOG, 0), (STORE, 0), (STORE, 1)], ids=["recorded", "stored", "next write"])
def test_while_somebody_denies_out_of_a_mail(organisation, fault_library, tmp_path, after):
    root = Authority()
    ca = tmp_path / "root.pem"
    ca.write_bytes(root.certificate.public_bytes(PEM))
    with Mails(serving(root, tmp_path)) as server, ThreadPoolExecutor(2) as pool:
        world = World(organisation, [mail(server)], ["approvers"], ca=f'"{ca}"')
        crashing = Crashing(world.made, fault_library, pool)
        refunds = crashing.asking()
        request = refunds.ask_and_leave()
        link = field(server.to(RUI, "approval.requested"), "deny")
        server.to(PAUL, "approval.requested")
        crashing.wait(lambda: world.channel("approvers")["waiting"] == 0)
        crashing.dies(after, lambda: world.press(link))
        crashing.again()
        assert crashing.state(request) is None, "it waits for nobody"
        denials = [one["via"] for one in world.gateway.records(100) if one["t"] == "approval.denied"]
        assert denials == ["mail"] and world.press(link)[0] == 404, "it counts once"
        assert refunds.ask().result(30).code == 4031 and refunds.paid() == refunds.before
        crashing.stop()
