"""The verifier as its tests call it, and the folder of the log that it verifies."""

from pathlib import Path

import pytest

import ledger_verifier


@pytest.fixture
def verify(capsys):
    def run(*words: object, expect: int = 0) -> str:
        """Returns the output on both streams, after checking the exit code."""
        code = ledger_verifier.main([str(word) for word in words])
        said = capsys.readouterr()
        assert code == expect, f"{code}, not {expect}: {said.out}{said.err}"
        start = {0: "ok: ", 3: "ok: ", 1: "BAD: "}.get(code)
        assert said.out.count("\n") == (1 if start else 0) and said.out.startswith(start or "")
        return said.out + said.err

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "log"
