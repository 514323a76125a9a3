"""Every page of the console: where it is, what it is called, and whose it is."""

from dataclasses import dataclass

from office import INES

ADA, DANA, LI, SAM = (f"{name}@acme.example" for name in ("ada", "dana", "li", "sam"))
# Somebody without a role, who owns an agent; who may stop; who looks after the house; and who has nothing to do with agents.
PEOPLE = (LI, INES, DANA, SAM)


@dataclass(frozen=True)
class ConsolePage:
    """`path` may name what is there by `{...}`, see `House.names`."""
    name: str
    path: str
    heading: str
    # For whom it is there; for others it is not.
    people: tuple[str, ...] = PEOPLE


PAGES = [
    ConsolePage("now", "/now", "Now"),
    ConsolePage("approvals", "/approvals", "Approvals"),
    ConsolePage("approvals-pending", "/approvals?show=pending", "Approvals"),
]
