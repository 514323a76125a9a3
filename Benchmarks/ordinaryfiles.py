"""Ordinary text of this machine, code, data and documentation, for the search for secrets, in a fixed order."""

import gzip
import hashlib
import os
import sys
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Files whose purpose is to have secrets in them: rules, tests and models of programs that look for secrets.
SCANNERS = (
    "detect_secrets",
    "detect-secrets",
    "credsweeper",
    "gitleaks",
    "trufflehog",
    "presidio",
    "ggshield",
    "secretlint",
)
# True keys and tokens among ordinary files: a part of the path, the rule, and what they are. Each was read by a person.
KNOWN = [
    ("/test/certdata/", "private-key", "keys of the tests of Python's TLS"),
    ("/aiosmtpd/tests/certs/", "private-key", "keys of the tests of a mail server"),
    ("/libxmlsec1-dev/examples/", "private-key", "a key of 512 bits to sign an example with"),
    ("/python3-jwt/changelog.gz", "jwt", "a signed token of a tenant, expired in 2019"),
]
INSTALLED = ("site-packages", "dist-packages")
LARGEST = 4 << 20
DATA = {
    ".json",
    ".jsonl",
    ".lock",
    ".toml",
    ".yaml",
    ".yml",
    ".xml",
    ".csv",
    ".svg",
    ".map",
    ".ini",
    ".cfg",
    ".conf",
    ".ts.map",
}
CODE = {
    ".py",
    ".pyi",
    ".h",
    ".hpp",
    ".c",
    ".cc",
    ".cpp",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".tsx",
    ".css",
    ".sh",
    ".pl",
    ".pm",
    ".rb",
    ".go",
    ".rs",
    ".swift",
    ".lua",
    ".vim",
    ".tcl",
    ".m4",
    ".cmake",
    ".el",
    ".awk",
    ".sql",
    ".pyx",
    ".pxd",
    ".php",
    ".java",
}


def usual_folders() -> list[Path]:
    """Documentation and shared data, headers, the standard library, packages of Python and of Node."""
    pythons = Path(os.environ.get("INTERLOCK_PYTHONS", ROOT / ".build" / "python"))
    found = [
        Path("/usr/share/doc"),
        Path("/usr/share"),
        Path("/usr/include"),
        Path(sysconfig.get_path("stdlib")),
        Path("/usr/lib/python3/dist-packages"),
        Path("/usr/lib/node_modules"),
        *sorted(pythons.glob("*/lib/*/site-packages")),
    ]
    return [folder for folder in found if folder.is_dir()]


def kind_of(path: str) -> str:
    suffix = os.path.splitext(path.removesuffix(".gz"))[1].lower()
    return "code" if suffix in CODE else "data" if suffix in DATA else "text"


def is_ordinary(path: str) -> bool:
    lower = path.lower()
    return not any(name in lower for name in SCANNERS)


def known(path: str, rule: str) -> str | None:
    """What a finding is, if it is a true key or token."""
    return next((what for part, of, what in KNOWN if part in path and of == rule), None)


def read(path: str) -> bytes:
    """The content, of a `.gz` what it packs; empty if it cannot be read or is over 4 MiB."""
    try:
        if not path.endswith(".gz"):
            return Path(path).read_bytes()
        with gzip.open(path) as packed:
            content = packed.read(LARGEST + 1)
            return content if len(content) <= LARGEST else b""
    except (OSError, EOFError, zlib.error):
        return b""


def collected(folders: list[Path], most: int = sys.maxsize) -> Iterator[tuple[str, bytes]]:
    """Each path and content once, by sorted paths: regular files up to 4 MiB without a null byte.

    Stops after `most` bytes. A file that was in a folder before is not passed again, nor is one with the same content.
    """
    seen: set[bytes] = set()
    total = 0
    for folder in folders:
        for base, names, files in os.walk(folder):
            # Packages in the folder of a standard library are a folder of their own.
            names[:] = sorted(name for name in names if name not in INSTALLED or folder.name in INSTALLED)
            for name in sorted(files):
                path = os.path.join(base, name)
                if (
                    os.path.islink(path)
                    or not os.path.isfile(path)
                    or not is_ordinary(path)
                    or os.path.getsize(path) > LARGEST
                ):
                    continue
                content = read(path)
                digest = hashlib.sha256(content).digest()
                if not content or b"\0" in content or digest in seen:
                    continue
                seen.add(digest)
                total += len(content)
                yield path, content
                if total >= most:
                    return
