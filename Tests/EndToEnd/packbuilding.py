"""Packs that `interlock evidence build` makes of the log of a real gateway, for the tests of them."""

import json
import time
from base64 import b64decode
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import pytest

from audited import Log
from conftest import organise

CONTROLS = [f"C{number:02}" for number in range(1, 25)]


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Packs:
    """A log with some calls, whose period has ended, and packs of it."""

    def __init__(self, log: Log, folder: Path):
        self.log, self.gateway, self.folder = log, log.gateway, folder
        # The period begins in the first whole second of the log.
        self.start = moment(-(-log.all()[0]["leaf"]["ts"] // 1_000_000))
        time.sleep(1.1)
        self.to = moment(int(time.time()))
        # The first record after the period.
        log.acme.session("support-triage").call("tickets__search", text="after the period")
        log.wait_for_checkpoint()
        self.size = str(self.gateway.published_size())
        self.number = 0

    def build(self, *words: str, check: bool = True, start: str | None = None, to: str | None = None, name: str | None = None,
              **options) -> tuple[Path, object]:
        self.number += 1
        pack = self.folder / (name or f"pack{self.number}")
        done = self.gateway.run("evidence", "build", "--from", start or self.start, "--to", to or self.to, "-o", str(pack),
                                "--size", self.size, *words, check=check, **options)
        return pack, done

    def published(self) -> Path:
        """A copy of the published log, as an auditor gets it."""
        return self.gateway.ledger / "log"


@pytest.fixture(scope="module")
def packs(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("evidence")
        yield Packs(Log(organise(stack, binary, people, folder / "acme")), folder)


@pytest.fixture(scope="module")
def pack(packs) -> Path:
    return packs.build("--tar", str(packs.folder / "pack.tar"), name="pack")[0]


def controls(pack: Path) -> dict[str, dict]:
    return {one: json.loads((pack / "controls" / f"{one}.json").read_bytes()) for one in CONTROLS}


def manifest(pack: Path) -> dict:
    return json.loads(b64decode(json.loads((pack / "manifest.dsse.json").read_bytes())["payload"]))


def names(pack: Path) -> list[str]:
    return sorted(str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file())
