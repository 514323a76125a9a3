"""Reads the control log of a stopped or running node from its store, and verifies it without the program."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from broken import STORE

COLUMNS = "n, previous, digest, kind, subject, body, node, at"


def path(made) -> Path:
    return made.gateway.folder / "state" / STORE


def entries(made) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{path(made)}?mode=ro", uri=True)) as store:
        return store.execute(f"SELECT {COLUMNS} FROM control ORDER BY n").fetchall()


def digest(entry: tuple) -> bytes:
    """The documented encoding: numbers of eight bytes, texts after their length."""
    number, previous, _, kind, subject, body, node, at = entry

    def eight(value: int) -> bytes:
        return value.to_bytes(8, "big", signed=True)

    texts = b"".join(eight(len(text)) + text for text in (part.encode() for part in (kind, subject, node, body)))
    return hashlib.sha256(previous + b"interlock/control/1\0" + eight(number) + eight(at) + texts).digest()


def verified(made) -> list[tuple[str, str]]:
    """Kind and subject of each entry, after the whole log was verified."""
    previous, found = bytes(32), []
    for place, entry in enumerate(entries(made), 1):
        assert entry[0] == place and entry[1] == previous and entry[2] == digest(entry), entry
        previous = entry[2]
        found.append((entry[3], entry[4]))
    return found


def edit(made, statement: str) -> None:
    with closing(sqlite3.connect(path(made))) as store, store:
        assert store.execute(statement).rowcount >= 1
