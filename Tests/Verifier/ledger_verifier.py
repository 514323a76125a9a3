"""Verifies an Interlock audit log, the proof of one record, an evidence bundle, or an evidence pack.

Written from docs/auditing.md and docs/evidence.md alone, as a second opinion: the command lines are theirs.
"""

import argparse
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import strictjson
from bundle import verify_bundle
from encoding import BadEvidence, Malformed, Missing, decimal
from evidencepack import verify_pack
from log import LogOptions, check_min_size, verify_log
from notes import LOG, Checkpoint, VKey
from packfiles import MANIFEST
from payloads import PayloadFolder
from proof import Proof
from records import KNOWN_TYPES, Record, check_genesis
from tree import leaf_hash
from trust import Trust, parse_trust
from signers import parse_people

OK, BAD, STRICT, USAGE, FORMAT, NOT_THERE, INTERNAL, IO = 0, 1, 3, 64, 65, 66, 70, 74


class WrongUsage(Exception):
    """The command line is not understood: exit code 64."""


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message)


class _Once(argparse.Action):
    """A flag whose second use is an error and does not override the first."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option_string} is given twice")
        setattr(namespace, self.dest, values)


def _number(text: str) -> int:
    try:
        return decimal(text)
    except Malformed as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _log_key(text: str) -> VKey:
    try:
        key = VKey.parse(text)
    except Malformed as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if key.kind != LOG:
        raise argparse.ArgumentTypeError(f"{key.name} is not the key of a log")
    return key


def _parser() -> argparse.ArgumentParser:
    parser = _Arguments(prog="ledger_verifier.py", description=__doc__, allow_abbrev=False)
    parser.add_argument("evidence", nargs="+", metavar="DIR | PROOF LEAFFILE | BUNDLE | evidence PACK")
    parser.add_argument("--vkey", action="append", default=[], type=_log_key)
    parser.add_argument("--trust", action=_Once, type=Path)
    parser.add_argument("--old-checkpoint", action="append", default=[], type=Path)
    parser.add_argument("--min-size", action=_Once, type=_number)
    parser.add_argument("--min-index", action=_Once, type=_number)
    parser.add_argument("--payloads", action=_Once, type=Path)
    parser.add_argument("--people", action=_Once, type=Path)
    parser.add_argument("--log", action="append", default=[], type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--tree-only", action="store_true")
    return parser


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Missing(f"{path} is not there") from error


def _trust(arguments: argparse.Namespace) -> Trust:
    trust = parse_trust(_read(arguments.trust)) if arguments.trust else Trust()
    trust.logs += arguments.vkey
    if not trust.logs:
        raise WrongUsage("no key: give --vkey or --trust")
    return trust


def _only_for(arguments: argparse.Namespace, kind: str, *names: str) -> None:
    for name in names:
        if getattr(arguments, name.replace("-", "_")) not in (None, []):
            raise WrongUsage(f"--{name} is for {kind} only")


def _one_line(text: object) -> str:
    """Escapes names of a log, which the writer chooses: none of them may add a line or control a terminal."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(text))


def _say(lines: Iterable[object]) -> None:
    for line in lines:
        print(_one_line(line), file=sys.stderr)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _log(folder: Path, arguments: argparse.Namespace, trust: Trust) -> str:
    _only_for(arguments, "bundles", "people")
    if arguments.payloads and arguments.tree_only:
        raise WrongUsage("--payloads needs the content of entries, --tree-only reads none")
    old = [Checkpoint.parse(_read(path)) for path in arguments.old_checkpoint]
    if arguments.payloads and not arguments.payloads.is_dir():
        raise Missing(f"{arguments.payloads} is not a folder")
    options = LogOptions(old, arguments.min_size or 0, arguments.min_index or 0, tree_only=arguments.tree_only,
                         payloads=PayloadFolder(arguments.payloads) if arguments.payloads else None)
    report = verify_log(folder, trust, options)
    _say([f"warning: {warning}" for warning in report.warnings])
    _list_unknown(report.unknown_types, arguments)
    said = f"{report.checkpoint.origin}: {report.checkpoint.size} entries"
    if old:
        said += ", extends " + _counted(len(old), "old checkpoint")
    elif trust.quorum is None:
        said += " (no outside memory: no old checkpoint, no quorum)"
    if report.open_intents:
        said += ", " + _counted(report.open_intents, "call") + " in flight"
    if arguments.payloads:
        said += ", " + _counted(report.payloads, "payload") + " found"
    return said


def _proof(path: Path, leaf_file: Path, arguments: argparse.Namespace, trust: Trust) -> str:
    _only_for(arguments, "logs", "old-checkpoint", "min-index", "payloads")
    _only_for(arguments, "bundles", "people")
    proof = Proof.parse(_read(path))
    entry = _read(leaf_file)
    if not arguments.tree_only:
        entry = entry.removesuffix(b"\n")
    if not 1 <= len(entry) <= 65_535:
        raise BadEvidence(f"an entry of {len(entry)} bytes")
    leaf = leaf_hash(entry)
    proof.check(leaf, trust)
    check_min_size(proof.checkpoint, arguments.min_size or 0)
    if not arguments.tree_only:
        record = Record.parse(entry, proof.index, leaf)
        if proof.index == 0:
            check_genesis(record, proof.checkpoint.origin)
        _list_unknown([record.type] if record.type not in KNOWN_TYPES else [], arguments)
    return f"{proof.checkpoint.origin}: record {proof.index} of {proof.checkpoint.size}"


def _bundle(path: Path, arguments: argparse.Namespace, trust: Trust) -> str:
    _only_for(arguments, "logs", "old-checkpoint", "min-index", "payloads")
    if arguments.tree_only:
        raise WrongUsage("--tree-only is not for bundles")
    people = parse_people(_read(arguments.people)) if arguments.people else None
    report = verify_bundle(path, trust, people, arguments.min_size or 0)
    _say([f"warning: {warning}" for warning in report.warnings])
    _list_unknown(report.unknown_types, arguments)
    said = f"run {report.run}: " + _counted(report.records, "record") + (", ended" if report.ended else ", not ended")
    if report.open_intents:
        said += ", " + _counted(report.open_intents, "call") + " in flight"
    said += f", {_counted(report.opened, 'payload')} opened, {_counted(report.votes, 'vote')} verified"
    return said


def _is_pack(path: Path) -> bool:
    if path.is_dir():
        return (path / MANIFEST).exists()
    with path.open("rb") as file:
        head = file.read(len(MANIFEST) + 1)
    return head.startswith((b"README.md\0", b"controls/")) or head == MANIFEST.encode() + b"\0"


def _pack(path: Path, arguments: argparse.Namespace, trust: Trust) -> tuple[str, bool]:
    """Returns what was verified, and whether all was."""
    _only_for(arguments, "logs", "old-checkpoint", "payloads")
    _only_for(arguments, "bundles", "people")
    if arguments.tree_only:
        raise WrongUsage("--tree-only is not for packs")
    if not path.exists():
        raise Missing(f"{path} is not there")
    for folder in arguments.log:
        if not (folder / "checkpoint").exists():
            raise Missing(f"{folder} has no checkpoint")
    report = verify_pack(path, trust, arguments.min_size or 0, arguments.log)
    _say([f"unverified: {one}" for one in report.unverified])
    said = f"{path}: {_counted(report.controls, 'control')}, {_counted(report.records, 'record')} proved"
    if report.unverified:
        said += f", {len(report.unverified)} parts unverified"
    return said, not report.unverified


def _list_unknown(types: list[str], arguments: argparse.Namespace) -> None:
    if arguments.strict:
        _say([f"unknown type: {strictjson.canonical(one).decode()}" for one in types])


def _run(words: list[str]) -> int:
    arguments = _parser().parse_args(words)
    is_pack = arguments.evidence[0] == "evidence"
    arguments.evidence = [Path(one) for one in arguments.evidence[is_pack:]]
    if is_pack and len(arguments.evidence) != 1:
        raise WrongUsage("give one pack")
    trust = _trust(arguments)
    path = arguments.evidence[0]
    if is_pack or len(arguments.evidence) == 1 and path.exists() and _is_pack(path):
        said, is_whole = _pack(path, arguments, trust)
        print(_one_line(f"ok: {said}"))
        return OK if is_whole or not arguments.strict else STRICT
    _only_for(arguments, "packs", "log")
    if arguments.json:
        raise WrongUsage("--json is for packs only")
    match arguments.evidence:
        case [folder] if folder.is_dir():
            said = _log(folder, arguments, trust)
        case [file]:
            if not file.exists():
                raise Missing(f"{file} is not there")
            said = _bundle(file, arguments, trust)
        case [proof, leaf]:
            said = _proof(proof, leaf, arguments, trust)
        case _:
            raise WrongUsage("give a folder, a bundle, or a proof and a record")
    print(_one_line(f"ok: {said}"))
    # Only a log can have been compared with an older checkpoint.
    remembered = bool(arguments.old_checkpoint) or not arguments.evidence[0].is_dir()
    return STRICT if arguments.strict and (trust.quorum is None or not remembered) else OK


def main(words: list[str]) -> int:
    """Returns the exit code of docs/auditing.md, section 10."""
    try:
        return _run(words)
    except BadEvidence as error:
        print(_one_line(f"BAD: {error}"))
        _say([error])
        return BAD
    except WrongUsage as error:
        _say([error, " ".join(_parser().format_usage().split())])
        return USAGE
    except Malformed as error:
        _say([error])
        return FORMAT
    except Missing as error:
        _say([error])
        return NOT_THERE
    except OSError as error:
        _say([error])
        return IO
    except Exception:
        traceback.print_exc()
        return INTERNAL


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
