#!/usr/bin/env python3
"""Precision and recall of `interlock safety scan`, and its blocks in ordinary files.

- A labelled corpus that is generated from a seed: for each rule values of its documented forms, and as many values that
  are none, each alone in a small file of one of twelve kinds. A finding counts by file, line and rule.
- `--ordinary [FOLDER...]`: at least 100 MB of distinct ordinary text of this machine, in which no rule should block.

    Benchmarks/finding.py --binary .build/release/interlock --ordinary

The bars are those of `BARS`. Exit 1 below one of them. Precision is of a corpus of which half are true values: for a
project that has none, the blocks in ordinary files are the measure. Bounds are Wilson's, of 95 %.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent))

import carriers  # noqa: E402
import nearmisses  # noqa: E402
import ordinaryfiles  # noqa: E402
from formparts import BLOCK  # noqa: E402
from tokenforms import by_rule, class_of  # noqa: E402

BARS = {"precision": 0.98, "recall": 0.95, "ordinary": 0, "ordinary_mb": 100}
BATCH = 64 << 20


@dataclass
class Sample:
    """A file with one value. `rule` is None for a value that is none; `kind` says how it was made."""

    rule: str | None
    kind: str
    carrier: str
    line: int
    text: str


@dataclass
class Count:
    """The findings of a rule or a class: `present` true values, `found` of them, and `false` findings that are none."""

    present: int = 0
    found: int = 0
    false: int = 0

    def add(self, other: "Count"):
        self.present, self.found, self.false = (
            self.present + other.present,
            self.found + other.found,
            self.false + other.false,
        )

    def figures(self) -> dict:
        said = self.found + self.false
        return {
            "present": self.present,
            "found": self.found,
            "false": self.false,
            "recall": self.found / self.present if self.present else 1.0,
            "recall_bounds": wilson(self.found, self.present),
            "precision": self.found / said if said else 1.0,
            "precision_bounds": wilson(self.found, said),
        }


@dataclass
class Result:
    """`misses` and `wrong` name each true value without its finding, and each finding without its true value."""

    rules: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    misses: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def by_class(self) -> dict[str, Count]:
        """The counts of each class, of `block` and of `mark`."""
        found: dict[str, Count] = {}
        for rule, count in sorted(self.rules.items()):
            kind, strength = class_of(rule)
            for name in (f"{kind}, {strength}", strength):
                found.setdefault(name, Count()).add(count)
        return found

    @property
    def block(self) -> Count:
        return self.by_class()[BLOCK]


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The bounds of a share by Wilson's interval of 95 %."""
    if count == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    middle, spread = share + z * z / (2 * count), z * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return max(0.0, (middle - spread) / (1 + z * z / count)), min(1.0, (middle + spread) / (1 + z * z / count))


def corpus(seed: int, number: int) -> list[Sample]:
    """`number` true values of each rule, and together as many values that are none."""
    chance, samples = Random(seed), []
    for rule, forms in sorted(by_rule().items()):
        for turn in range(number):
            carrier = carriers.CARRIERS[turn % len(carriers.CARRIERS)]
            text, line = carrier(
                chance, forms[turn % len(forms) if turn < len(forms) else chance.randrange(len(forms))].make(chance)
            )
            samples.append(Sample(rule, rule, carrier.__name__, line, text))
    for turn, (kind, value) in enumerate(nearmisses.made(chance, len(samples))):
        carrier = chance.choice(carriers.CARRIERS)
        text, line = carrier(chance, value)
        samples.append(Sample(None, kind, carrier.__name__, line, text))
    return samples


def behind_escapes(seed: int, number: int) -> list[Sample]:
    """True values directly behind an escaped line break. They are counted apart: the search reads raw bytes."""
    chance = Random(seed)
    made = []
    for rule, forms in sorted(by_rule().items()):
        for _ in range(number):
            text, line = carriers.embedded(chance, chance.choice(forms).make(chance))
            made.append(Sample(rule, rule, "embedded", line, text))
    return made


def scan(binary: Path, folder: Path) -> list[dict]:
    """The findings of a folder. A search that fails raises an error: what it did not read is not counted as clean."""
    done = subprocess.run(
        [binary, "safety", "scan", str(folder), "--json"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"the search ended with {done.returncode}: {done.stderr.strip()}")
    *rows, last = (json.loads(line) for line in done.stdout.splitlines())
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    assert last["files"] == files and last["waived"] == 0, (last, files)
    return rows


def findings_of(binary: Path, samples: list[Sample]) -> list[set[tuple[str, int]]]:
    """The rules and lines that are found in each sample's file."""
    found: list[set[tuple[str, int]]] = [set() for _ in samples]
    with TemporaryDirectory(prefix="interlock-finding-") as made:
        folder = Path(made)
        for number, sample in enumerate(samples):
            # A name of its own kind would tell nothing: the search does not read names.
            (folder / f"{number:06}.txt").write_bytes(sample.text.encode())
        for row in scan(binary, folder):
            found[int(row["path"].split(".")[0])].add((row["rule"], row["line"]))
    return found


def compared(samples: list[Sample], found: list[set[tuple[str, int]]]) -> Result:
    """What was found of what is there."""
    result = Result()
    for number, (sample, rows) in enumerate(zip(samples, found, strict=True)):
        if sample.rule:
            result.rules[sample.rule].present += 1
            if (sample.rule, sample.line) in rows:
                result.rules[sample.rule].found += 1
            else:
                result.misses.append(f"{number:06}: {sample.rule} in {sample.carrier}")
        for rule, line in sorted(rows - {(sample.rule, sample.line)}):
            result.rules[rule].false += 1
            result.wrong.append(f"{number:06}: {rule} in {sample.carrier}, line {line}, of {sample.kind}")
    return result


@dataclass
class Ordinary:
    """What was searched, in bytes by kind, and each finding as `path:line: rule`; `true` are blocks of true keys."""

    files: int = 0
    sizes: Counter = field(default_factory=Counter)
    blocks: list[str] = field(default_factory=list)
    true: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(self.sizes.values())


def batches(folders: list[Path], most: int, size_of_one: int = BATCH) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    for path, content in ordinaryfiles.collected(folders, most):
        batch.append((path, content))
        size += len(content)
        if size >= size_of_one:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def ordinary(binary: Path, folders: list[Path], most: int) -> Ordinary:
    """Searches copies under neutral names, since the search leaves out hidden names."""
    result = Ordinary()
    for batch in batches(folders, most):
        with TemporaryDirectory(prefix="interlock-ordinary-") as made:
            folder = Path(made)
            for number, (path, content) in enumerate(batch):
                (folder / f"{number:06}").write_bytes(content)
                result.files += 1
                result.sizes[ordinaryfiles.kind_of(path)] += len(content)
            for row in scan(binary, folder):
                path = batch[int(row["path"])][0]
                line = f"{path}:{row['line']}: {row['rule']}"
                if row["strength"] != BLOCK:
                    result.marks.append(line)
                elif what := ordinaryfiles.known(path, row["rule"]):
                    result.true.append(f"{line}: {what}")
                else:
                    result.blocks.append(line)
    return result


def bars(result: Result, searched: Ordinary | None) -> list[tuple]:
    """Rows of the speed table: what, value, unit, bar, and whether less is better."""
    block = result.block.figures()
    rows = [(f"{name} of `block` rules", block[name], "", BARS[name], False) for name in ("precision", "recall")]
    if searched:
        rows += [
            ("blocks in ordinary files", len(searched.blocks), "", BARS["ordinary"], True),
            ("ordinary files", searched.size / 1e6, "MB", BARS["ordinary_mb"], False),
        ]
    return rows


def met(row: tuple) -> bool:
    _, value, _, bar, is_most = row
    return value <= bar if is_most else value >= bar


def text(result: Result, escapes: Result | None, searched: Ordinary | None) -> list[str]:
    out = [
        f"{'':34} {'true':>6} {'found':>6} {'false':>6} {'recall':>8} {'at least':>9} {'precision':>10} {'at least':>9}"
    ]
    for name, count in [*result.by_class().items(), (None, None), *sorted(result.rules.items())]:
        if count is None:
            out.append("")
            continue
        one = count.figures()
        out.append(
            f"{name:34} {count.present:>6,} {count.found:>6,} {count.false:>6,} {one['recall']:>8.4f} "
            f"{one['recall_bounds'][0]:>9.4f} {one['precision']:>10.4f} {one['precision_bounds'][0]:>9.4f}"
        )
    out += [
        "",
        *(f"not found: {line}" for line in result.misses),
        *(f"found, and none: {line}" for line in result.wrong),
    ]
    if escapes:
        out += [
            "",
            "directly behind an escaped line break, no part of the above: "
            f"{escapes.block.found:,} of {escapes.block.present:,}",
        ]
    if searched:
        sizes = ", ".join(f"{size / 1e6:,.0f} MB of {kind}" for kind, size in sorted(searched.sizes.items()))
        out += [
            "",
            f"{searched.files:,} distinct ordinary files: {sizes}: {len(searched.blocks)} blocks, {len(searched.true)} "
            f"of true keys and tokens; {len(searched.marks)} marks",
        ]
        out += [
            f"{name}: {line}"
            for name, lines in (("block", searched.blocks), ("true", searched.true), ("mark", searched.marks))
            for line in lines
        ]
    out.append("")
    for row in bars(result, searched):
        what, value, unit, bar, is_most = row
        out.append(
            f"{what:45} {value:>12,.4f} {unit:4} {'<=' if is_most else '>='} {bar:>9,.2f}  "
            f"{'met' if met(row) else 'NOT MET'}"
        )
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seed", type=int, help="of the corpus; a random one is printed")
    parser.add_argument("--number", type=int, default=60, help="true values of each rule")
    parser.add_argument(
        "--ordinary", type=Path, nargs="*", help="also search these folders; without one, the usual ones of the machine"
    )
    parser.add_argument("--megabytes", type=int, default=2000, help="ordinary files are collected up to this size")
    parser.add_argument(
        "--keep", type=Path, help="also write the corpus into this folder, by number, with `labels.json`"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object; exit 0 also below a bar")
    given = parser.parse_args()
    binary, seed = given.binary.resolve(), Random().getrandbits(32) if given.seed is None else given.seed
    samples = corpus(seed, given.number)
    if given.keep:
        keep(samples, given.keep)
    result = compared(samples, findings_of(binary, samples))
    apart = behind_escapes(seed, 3)
    escapes = compared(apart, findings_of(binary, apart))
    searched = None
    if given.ordinary is not None:
        searched = ordinary(binary, given.ordinary or ordinaryfiles.usual_folders(), given.megabytes * 1_000_000)
    if given.json:
        print(
            json.dumps(
                {
                    "seed": seed,
                    "samples": len(samples),
                    "classes": {name: one.figures() for name, one in result.by_class().items()},
                    "rules": {name: one.figures() for name, one in sorted(result.rules.items())},
                    "misses": result.misses,
                    "wrong": result.wrong,
                    "behind_escapes": escapes.block.figures(),
                    "ordinary": searched
                    and {
                        "files": searched.files,
                        "bytes": dict(searched.sizes),
                        "blocks": searched.blocks,
                        "true": searched.true,
                        "marks": searched.marks,
                    },
                    "bars": bars(result, searched),
                }
            )
        )
        return 0
    true = sum(1 for sample in samples if sample.rule)
    print(
        f"seed {seed}: {true:,} true values of {len(by_rule())} rules, {len(samples) - true:,} values that are none\n"
    )
    print("\n".join(text(result, escapes, searched)))
    return 0 if all(met(row) for row in bars(result, searched)) else 1


def keep(samples: list[Sample], folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples):
        (folder / f"{number:06}.txt").write_bytes(sample.text.encode())
    labels = [{"rule": one.rule, "kind": one.kind, "carrier": one.carrier, "line": one.line} for one in samples]
    (folder / "labels.json").write_text(json.dumps(labels, indent=1))


if __name__ == "__main__":
    sys.exit(main())
