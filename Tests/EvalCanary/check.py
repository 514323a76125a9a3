"""A canary of the change gate: a suite that must fail. Its policy lets a refund through that the suite expects to be denied,
so a run, or a gate, that always passes is found here. The same files with the guard that the case expects must pass, so that
the canary does not fail for another reason."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BROKEN = "refund-over-the-cap"


class Canary:
    def __init__(self, binary: str, folder: Path):
        self.binary, self.folder = binary, folder
        self.found: list[str] = []

    def expect(self, code: int, text: str, *words: str) -> None:
        """Runs `interlock eval`, which must end with this code and print this text."""
        done = subprocess.run(
            [self.binary, "eval", *words, "--policy", "policy.yaml"], cwd=self.folder, text=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        if done.returncode != code or text not in done.stdout:
            self.found.append(
                f"`eval {' '.join(words)}` ended with {done.returncode} and must end with {code} and say `{text}`:\n"
                + done.stdout + done.stderr)


def check(binary: str, folder: Path) -> list[str]:
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    canary = Canary(binary, folder)
    canary.expect(1, "canary: fail, 3 cases", "run", "canary")
    canary.expect(1, f" {BROKEN}: allow", "run")
    canary.expect(1, "canary: eval-missing, there is no result", "gate")
    (folder / "suites/canary/results").mkdir()
    canary.expect(1, "canary: fail, 3 cases", "run", "canary", "--out", "suites/canary/results/failed.json")
    # No key signed it, which the gate says before it looks at the verdict; it must not pass for either reason.
    canary.expect(1, "canary: eval-", "gate", "canary")
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("<= 60000", "<= 50000"))
    canary.expect(0, "canary: pass, 3 cases", "run", "canary")
    canary.expect(1, "canary: eval-missing", "gate", "canary")
    canary.expect(0, "canary: pass, 3 cases", "run", "canary", "--out", "suites/canary/results/passed.json")
    canary.expect(1, "canary: eval-unsigned", "gate", "canary")
    return canary.found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the built `interlock`")
    binary = str(Path(parser.parse_args().binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        found = check(binary, Path(folder))
    for line in found:
        print(f"canary suite: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
