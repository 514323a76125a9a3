"""A gateway whose log witnesses cosign: one of its tools requires a quorum, others do not."""

from contextlib import contextmanager

from governed import agent, governed, policy, server

AGENT = "clerk"
# A read needs no approval; configuration raises one to D2.
LOOK, GRAVE, WRITE = "tickets__get_ticket", "tickets__search", "tickets__add_label"
D2 = "{tickets__search: D2}"


def tools(ports):
    return policy(
        "servers:", server("tickets", ports["tickets"], """
tools:
  get_ticket: {class: read}
  search: {class: read}
  add_label: {class: write, effects: [production]}
"""), "agents:", agent(AGENT, "mcp_scopes: {tickets: [get_ticket, search, add_label]}", stage="trusted"))


@contextmanager
def world(binary, people, witness=None, **settings):
    """A gateway with a beat of a second; `witness` is marked and is its quorum."""
    with governed(binary, people, tools, servers=("tickets",), start=False) as made:
        made.gateway.configure("ledger", beat="1s", **settings)
        if witness:
            made.gateway.run("audit", "witness", "add", witness.vkey, witness.url, "--now")
            made.gateway.configure("ledger", durability=D2)
        yield made


@contextmanager
def started(binary, people, witness=None, **settings):
    with world(binary, people, witness, **settings) as made:
        made.gateway.start()
        made.gateway.wait_for_tools(AGENT, "tickets")
        yield made


def grave(made):
    return made.call(AGENT, GRAVE, text="lamp")


def look(made):
    return made.call(AGENT, LOOK, id="T-1001")
