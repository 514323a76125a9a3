#!/usr/bin/env python3
"""The search for secrets beside detect-secrets, CredSweeper (without its model) and gitleaks, on the same files.

- Recall and precision on the labelled corpus of `finding.py`, each value in a file of its own. A file counts once: any
  finding in one with a true value finds it, any finding in one without is false. So no convention of lines decides.
- Megabytes per second of a processor, on clean JSON and on ordinary files, without what a start takes. A program that is
  fast gets the same files more often. Medians of rounds, in turns.

    Benchmarks/searching.py --binary .build/release/interlock [--seed 29] [--rounds 3] [--json]

Kinds that `block` are compared, and of a peer both all its rules and those for a named kind of secret: a rule such as
`generic-api-key` finds any random text behind a telling name, also the near misses. The peers are installed from
`peers/*.txt` into `.build/python` when they are measured first. One that cannot be measured is listed with the reason.
Bounds are Wilson's, of 95 %. Exit 1 below a bar.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]

import environments  # noqa: E402
import finding  # noqa: E402
import ordinaryfiles  # noqa: E402
import searchers  # noqa: E402
from formparts import BLOCK, PRIVATE_KEY, TOKEN  # noqa: E402
from tokenforms import class_of  # noqa: E402

BARS = {"precision": 0.99, "clean_mb_s": 500, "python": 10, "gitleaks": 1}
OURS, ALL, NAMED = searchers.Interlock.name, "all rules", "named kinds"
FILE = 1 << 20  # bytes of a file of JSON
# A search is long enough for its time if it takes so many seconds of a processor, or has so many bytes.
LEAST, MOST = 0.5, 256 << 20
JSON, ORDINARY = "clean JSON", "ordinary files"


def kind_of(rule: str) -> str:
    words = rule.lower().replace("-", " ")
    return PRIVATE_KEY if "private key" in words or "pem" in words.split() else TOKEN


def counted(samples: list[finding.Sample], found: Iterable[searchers.Found]) -> dict[str, finding.Count]:
    """The counts of each class and, by `BLOCK`, of all together. Samples of a kind that is only marked are left out."""
    kinds: list[set[str]] = [set() for _ in samples]
    for one in found:
        kinds[int(Path(one.file).name.split(".")[0])].add(kind_of(one.rule))
    counts = {name: finding.Count() for name in (TOKEN, PRIVATE_KEY, BLOCK)}
    for sample, said in zip(samples, kinds, strict=True):
        if sample.rule is None:
            for name in [*said, *([BLOCK] if said else [])]:
                counts[name].false += 1
            continue
        kind, strength = class_of(sample.rule)
        if strength == BLOCK:
            counts[kind].add(finding.Count(1, bool(said), 0))
            counts[BLOCK].add(finding.Count(1, bool(said), 0))
    return counts


def clean_json(size: int) -> bytes:
    """JSON without secrets, a document on each line: the text of `scan/`."""
    lines, number, made = [], 1, 0
    while made < size:
        number = number * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
        lines.append(f'{{"id":{number},"name":"item {number % 9973}","path":"/srv/{number % 8191}","text":"Lorem ipsum '
                     'dolor sit amet, consectetur adipiscing elit","ok":true}\n')
        made += len(lines[-1])
    return "".join(lines).encode()


def texts(megabytes: int) -> dict[str, list[bytes]]:
    """The files whose search is timed, by what they are."""
    size = megabytes * 1_000_000
    whole = clean_json(size)
    return {JSON: [whole[at : at + FILE] for at in range(0, len(whole), FILE)],
            ORDINARY: [content for _, content in ordinaryfiles.collected(ordinaryfiles.usual_folders(), size)]}


def write(folder: Path, files: list[bytes], copies: int = 1) -> int:
    """Writes files into a new folder, each so often, and returns their bytes. Names tell nothing."""
    folder.mkdir()
    for copy in range(copies):
        for number, content in enumerate(files):
            (folder / f"{copy:03}{number:05}.txt").write_bytes(content)
    return copies * sum(map(len, files))


class Timing:
    """The rates of one searcher on one kind of text."""

    def __init__(self, searcher: searchers.Searcher, files: list[bytes], folder: Path):
        self.searcher, self.report = searcher, folder / "report.json"
        write(folder / "start", [b"{}\n"])
        self.start, self.folder = folder / "start", folder / "once"
        self.size, copies = write(self.folder, files), 1
        while self.seconds() < LEAST and self.size * 4 <= MOST:
            copies *= 4
            self.folder = folder / f"copies-{copies}"
            self.size = write(self.folder, files, copies)
        self.rates: list[float] = []

    def seconds(self) -> float:
        """Seconds of processors for the files, without those of a start; at least a hundredth, the resolution."""
        start = min(self.searcher.search(self.start, self.report).cpu for _ in range(2))
        return max(0.01, self.searcher.search(self.folder, self.report).cpu - start)

    def measure(self) -> None:
        self.rates.append(self.size / 1e6 / self.seconds())


class Run:
    """What was measured, by searcher, and the reasons why others were not."""

    def __init__(self, binary: Path, pythons: Path, peers=searchers.PEERS):
        self.missing: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.searchers: list[searchers.Searcher] = []
        self.counts: dict[str, dict[str, dict[str, finding.Count]]] = {}
        self.rates: dict[str, dict[str, float]] = {}
        self.add(searchers.Interlock.name, lambda: searchers.Interlock(binary))
        for peer in peers:
            self.add(peer.name, lambda peer=peer: peer(pythons))

    def add(self, name: str, make) -> None:
        try:
            made = make()
            self.versions[name] = made.version()
        except (environments.Unavailable, OSError) as error:
            return self.fail(name, error)
        self.searchers.append(made)

    def fail(self, name: str, error: Exception) -> None:
        """Leaves out a peer. Without Interlock there is nothing to compare."""
        if name == OURS:
            raise SystemExit(f"{name}: {error}")
        self.missing[name] = str(error) or type(error).__name__
        self.searchers = [one for one in self.searchers if one.name != name]
        self.counts.pop(name, None)
        self.rates.pop(name, None)

    def compare(self, samples: list[finding.Sample], folder: Path) -> None:
        corpus = folder / "corpus"
        corpus.mkdir()
        for number, sample in enumerate(samples):
            (corpus / f"{number:06}.txt").write_bytes(sample.text.encode())
        for searcher in list(self.searchers):
            print(f"corpus: {searcher.name}", file=sys.stderr)
            try:
                found = searcher.search(corpus, folder / "report.json").found
            except (environments.Unavailable, OSError) as error:
                self.fail(searcher.name, error)
                continue
            if not found:
                self.fail(searcher.name, environments.Unavailable("it finds nothing at all"))
                continue
            self.counts[searcher.name] = {ALL: counted(samples, found)}
            if searcher.name != OURS:
                self.counts[searcher.name][NAMED] = counted(samples, (one for one in found if one.named))

    def time(self, kinds: dict[str, list[bytes]], rounds: int, folder: Path) -> None:
        for kind, files in kinds.items():
            timings = []
            for searcher in list(self.searchers):
                print(f"{kind}: {searcher.name}", file=sys.stderr)
                own = folder / f"{searcher.name}-{kind.replace(' ', '-')}"
                own.mkdir()
                try:
                    timings.append(Timing(searcher, files, own))
                except (environments.Unavailable, OSError) as error:
                    self.fail(searcher.name, error)
            for number in range(rounds):
                for timing in timings:
                    print(f"{kind}, round {number + 1} of {rounds}: {timing.searcher.name}", file=sys.stderr)
                    try:
                        timing.measure()
                    except (environments.Unavailable, OSError) as error:
                        self.fail(timing.searcher.name, error)
                timings = [one for one in timings if one.searcher.name not in self.missing]
            for timing in timings:
                self.rates.setdefault(timing.searcher.name, {})[kind] = median(timing.rates)

    def bars(self) -> list[tuple]:
        """Rows of the speed table: what, value, unit, bar, and whether less is better."""
        ours, peers = self.counts[OURS][ALL][BLOCK].figures(), [name for name in self.counts if name != OURS]
        rows = [("precision of `block`, lower bound", ours["precision_bounds"][0], "", BARS["precision"], False)]
        if peers:
            best = max(self.counts[name][ALL][BLOCK].figures()["recall"] for name in peers)
            rows.append(("recall of `block`; the bar is the best peer's", ours["recall"], "", best, False))
        rates = {name: found[JSON] for name, found in self.rates.items() if JSON in found}
        rows.append((JSON, rates[OURS], "MB/s", BARS["clean_mb_s"], False))
        python = [rates[one.name] for one in self.searchers if one.python and one.name in rates]
        if python:
            rows.append((f"{JSON}, of the faster peer in Python", rates[OURS] / max(python), "x", BARS["python"], False))
        if searchers.Gitleaks.name in rates:
            rows.append((f"{JSON}, of gitleaks", rates[OURS] / rates[searchers.Gitleaks.name], "x", BARS["gitleaks"], False))
        return rows

    def text(self) -> list[str]:
        out = [f"{'':34} {'class':12} {'true':>6} {'found':>6} {'false':>6} {'recall':>8} {'at least':>9} "
               f"{'precision':>10} {'at least':>9}"]
        for name, by_rules in self.counts.items():
            for rules, counts in by_rules.items():
                label = f"{name} {self.versions[name].split()[-1]}" + (f", {rules}" if name != OURS else "")
                for kind, count in counts.items():
                    one = count.figures()
                    out.append(f"{label:34} {kind:12} {count.present:>6,} {count.found:>6,} {count.false:>6,} "
                               f"{one['recall']:>8.4f} {one['recall_bounds'][0]:>9.4f} {one['precision']:>10.4f} "
                               f"{one['precision_bounds'][0]:>9.4f}")
        out += ["", f"{'MB/s of a processor':34} {JSON:>14} {ORDINARY:>14}"]
        out += [f"{name:34} {found.get(JSON, 0):>14,.1f} {found.get(ORDINARY, 0):>14,.1f}"
                for name, found in self.rates.items()]
        out += [f"{name:34} not measured: {reason}" for name, reason in self.missing.items()]
        out.append("")
        for row in self.bars():
            what, value, unit, bar, is_most = row
            out.append(f"{what:45} {value:>12,.4f} {unit:4} {'<=' if is_most else '>='} {bar:>9,.4f}  "
                       f"{'met' if finding.met(row) else 'NOT MET'}")
        return out

    def result(self) -> dict:
        return {"versions": self.versions, "rates": self.rates, "not_measured": self.missing, "bars": self.bars(),
                "counts": {name: {rules: {kind: count.figures() for kind, count in counts.items()}
                                  for rules, counts in by_rules.items()} for name, by_rules in self.counts.items()}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--pythons", type=Path, default=Path(".build/python"))
    parser.add_argument("--seed", type=int, help="of the corpus; a random one is printed")
    parser.add_argument("--number", type=int, default=60, help="true values of each rule")
    parser.add_argument("--megabytes", type=int, default=2, help="of each kind of text whose search is timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object; exit 0 also below a bar")
    given = parser.parse_args()
    seed = Random().getrandbits(32) if given.seed is None else given.seed
    samples = finding.corpus(seed, given.number)
    run = Run(given.binary.resolve(), given.pythons.absolute())
    with TemporaryDirectory(prefix="interlock-searching-") as made:
        run.compare(samples, Path(made))
        run.time(texts(given.megabytes), given.rounds, Path(made))
    if given.json:
        print(json.dumps({"seed": seed, "samples": len(samples), **run.result()}))
        return 0
    true = sum(1 for sample in samples if sample.rule)
    print(f"seed {seed}: {true:,} true values, {len(samples) - true:,} values that are none, each in a file of its own\n")
    print("\n".join(run.text()))
    return 0 if all(finding.met(row) for row in run.bars()) else 1


if __name__ == "__main__":
    sys.exit(main())
