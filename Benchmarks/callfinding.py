#!/usr/bin/env python3
"""Precision and recall of the rules for calls and results, and their blocks in ordinary content.

`finding.py` measures the rules for files. Calls have further ones, for numbers of cards, accounts and people, and their
search has each name and value of JSON on a line of its own.

- A labelled corpus from a seed: numbers of each form of `numberforms.py` in objects, lists and prose, the same with a wrong
  check digit, and numbers of other things; and the tokens and near misses of `finding.py` as texts. A value counts once:
  any finding of its class finds it, any finding that blocks in content without a value is false.
- `--ordinary [FOLDER...]`: at least 100 MB of ordinary text of this machine as results: JSON as structured content, all
  else as texts. No rule should block in it.

    Benchmarks/callfinding.py --binary .build/release/interlock [--seed 29] --ordinary

Contents are searched many at a time by `interlock safety test --direction results`. The bars are those of `BARS`. Exit 1
below one of them. Bounds are Wilson's, of 95 %.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent))

import finding  # noqa: E402
import numberforms  # noqa: E402
import ordinaryfiles  # noqa: E402
from formparts import BLOCK, PRIVATE_KEY, TOKEN  # noqa: E402
from tokenforms import class_of  # noqa: E402

BARS = finding.BARS
# The most findings that `safety test` prints of one file: of as many, some may be missing.
MOST_FINDINGS = 1024
BATCH_ITEMS, BATCH_BYTES = 200, 2 << 20
# The text between two contents: more than any rule reads behind a word or a marker.
BETWEEN = ("-" * 60 + "\n") * 20
NUMBER_CLASSES = (numberforms.CARD, numberforms.IBAN, numberforms.NATIONAL)


@dataclass(frozen=True)
class Found:
    """A finding in one content; it blocks if its value would be replaced."""

    rule: str
    kind: str
    blocks: bool
    place: str


@dataclass
class Sample:
    """A content with one value of a class, or with none; `form` says how it was made."""

    content: object
    kind: str | None
    form: str


def corpus(seed: int, number: int) -> list[Sample]:
    """`number` values of each form and rule, and as many contents without one."""
    chance, samples = Random(seed), []
    for form in numberforms.FORMS:
        for _ in range(number):
            value = numberforms.grouped(chance, form.make(chance), form.groups)
            samples.append(Sample(numberforms.item(chance, form, value), form.kind, form.name))
            if form.has_check:
                wrong = numberforms.grouped(chance, numberforms.as_wrong(chance, form), form.groups)
                samples.append(Sample(numberforms.item(chance, form, wrong), None, f"{form.name}, wrong check"))
            else:
                samples.append(Sample(numberforms.other(chance), None, "number of something else"))
    for one in finding.corpus(seed, number):
        if one.rule is None:
            samples.append(Sample(one.text, None, one.kind))
        elif class_of(one.rule)[1] == BLOCK:
            samples.append(Sample(one.text, class_of(one.rule)[0], one.rule))
    return samples


def rows_of(binary: Path, content: bytes) -> list[dict]:
    """The findings of one file. A search that fails raises an error: what it did not read is not counted as clean."""
    with TemporaryDirectory(prefix="interlock-calls-") as made:
        path = Path(made) / "content"
        path.write_bytes(content)
        done = subprocess.run([binary, "safety", "test", str(path), "--direction", "results", "--json"],
                              capture_output=True, text=True, cwd=made, env={"PATH": "/usr/bin:/bin"})
    if done.returncode not in (0, 1):
        raise SystemExit(f"the search ended with {done.returncode}: {done.stderr.strip()}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode == 1) == any(row["consequence"] == "replace" for row in rows), "a finding is not printed"
    return rows


def searched(binary: Path, contents: list) -> list[set[Found]]:
    """The findings in each content. Contents that are not searched as JSON together, or have too many findings together, are
    searched in two halves."""
    if not contents:
        return []
    alone = len(contents) == 1
    if alone and isinstance(contents[0], str):
        document = contents[0].encode(errors="replace")
    else:
        document = json.dumps([part for one in contents for part in (one, BETWEEN)], ensure_ascii=False).encode(errors="replace")
    rows = rows_of(binary, document)
    if not alone and (len(rows) >= MOST_FINDINGS or any("at" not in row for row in rows)):
        half = len(contents) // 2
        return searched(binary, contents[:half]) + searched(binary, contents[half:])
    found: list[set[Found]] = [set() for _ in contents]
    for row in rows:
        at = row.get("at")
        number, place = 0, str(row.get("line", at))
        if at is not None and not (alone and isinstance(contents[0], str)):
            index, _, rest = at.removeprefix("/").partition("/")
            number, place = int(index) // 2, f"/{rest}" if rest else ""
        found[number].add(Found(row["rule"], row["class"], row["consequence"] == "replace", place))
    return found


def findings_of(binary: Path, samples: list[Sample]) -> list[set[Found]]:
    found = []
    for start in range(0, len(samples), BATCH_ITEMS):
        found += searched(binary, [one.content for one in samples[start : start + BATCH_ITEMS]])
    return found


@dataclass
class Result:
    """The counts of each class and, by `BLOCK`, of all; of each form those found; and each miss and false finding."""

    classes: dict[str, finding.Count]
    forms: dict[str, finding.Count]
    misses: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def compared(samples: list[Sample], found: list[set[Found]]) -> Result:
    names = (*NUMBER_CLASSES, TOKEN, PRIVATE_KEY, BLOCK)
    result = Result({name: finding.Count() for name in names}, {})
    for number, (sample, rows) in enumerate(zip(samples, found, strict=True)):
        said = {one.kind for one in rows if one.blocks}
        if sample.kind:
            count = finding.Count(1, sample.kind in said, 0)
            for counts, name in ((result.classes, sample.kind), (result.classes, BLOCK), (result.forms, sample.form)):
                counts.setdefault(name, finding.Count()).add(count)
            if sample.kind not in said:
                result.misses.append(f"{number:06}: {sample.form}")
        # A second value of another class in the same content is false, too.
        for kind in sorted(said - {sample.kind}):
            for name in (kind, BLOCK):
                result.classes.setdefault(name, finding.Count()).false += 1
            rules = ", ".join(sorted(one.rule for one in rows if one.kind == kind))
            result.wrong.append(f"{number:06}: {rules} of {sample.form}")
    return result


def as_content(path: str, data: bytes) -> object:
    """JSON as a result has it; a text otherwise, whose bytes that are no UTF-8 are replaced."""
    text = data.decode(errors="replace")
    if ".json" in path.rsplit("/", 1)[-1].lower():
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return value if isinstance(value, dict | list) else text
    return text


@dataclass
class Ordinary:
    """What was searched, in bytes by kind, and the findings as `path:place: rule`; `true` are blocks of true keys."""

    files: int = 0
    structured: int = 0
    sizes: Counter = field(default_factory=Counter)
    blocks: list[str] = field(default_factory=list)
    true: list[str] = field(default_factory=list)
    marks: Counter = field(default_factory=Counter)

    @property
    def size(self) -> int:
        return sum(self.sizes.values())


def ordinary(binary: Path, folders: list[Path], most: int) -> Ordinary:
    result = Ordinary()
    for batch in finding.batches(folders, most, BATCH_BYTES):
        contents = [as_content(path, data) for path, data in batch]
        result.files += len(batch)
        result.structured += sum(1 for one in contents if not isinstance(one, str))
        for (path, data), rows in zip(batch, searched(binary, contents), strict=True):
            result.sizes[ordinaryfiles.kind_of(path)] += len(data)
            for one in sorted(rows, key=lambda one: (one.place, one.rule)):
                line = f"{path}:{one.place}: {one.rule}"
                if not one.blocks:
                    result.marks[one.rule] += 1
                elif what := ordinaryfiles.known(path, one.rule):
                    result.true.append(f"{line}: {what}")
                else:
                    result.blocks.append(line)
    return result


def bars(result: Result, content: Ordinary | None) -> list[tuple]:
    """Rows of the speed table: what, value, unit, bar, and whether less is better."""
    block = result.classes[BLOCK].figures()
    rows = [(f"{name} of `block` rules in calls", block[name], "", BARS[name], False) for name in ("precision", "recall")]
    if content:
        rows += [("blocks in ordinary content", len(content.blocks), "", BARS["ordinary"], True),
                 ("ordinary content", content.size / 1e6, "MB", BARS["ordinary_mb"], False)]
    return rows


def text(result: Result, content: Ordinary | None) -> list[str]:
    out = [f"{'':34} {'true':>6} {'found':>6} {'false':>6} {'recall':>8} {'at least':>9} {'precision':>10} {'at least':>9}"]
    for name, count in result.classes.items():
        one = count.figures()
        out.append(f"{name:34} {count.present:>6,} {count.found:>6,} {count.false:>6,} {one['recall']:>8.4f} "
                   f"{one['recall_bounds'][0]:>9.4f} {one['precision']:>10.4f} {one['precision_bounds'][0]:>9.4f}")
    out += ["", *(f"{name:34} {count.found:>6,} of {count.present:,}" for name, count in sorted(result.forms.items())), ""]
    out += [*(f"not found: {line}" for line in result.misses), *(f"found, and none: {line}" for line in result.wrong)]
    if content:
        sizes = ", ".join(f"{size / 1e6:,.0f} MB of {kind}" for kind, size in sorted(content.sizes.items()))
        marks = ", ".join(f"{count:,} {rule}" for rule, count in content.marks.most_common())
        out += ["", f"{content.files:,} ordinary files as results, {content.structured:,} of them JSON: {sizes}: "
                f"{len(content.blocks)} blocks, {len(content.true)} of true keys and tokens; marks: {marks or 'none'}"]
        out += [f"{name}: {line}" for name, lines in (("block", content.blocks), ("true", content.true)) for line in lines]
    out.append("")
    for row in bars(result, content):
        what, value, unit, bar, is_most = row
        out.append(f"{what:45} {value:>12,.4f} {unit:4} {'<=' if is_most else '>='} {bar:>9,.2f}  "
                   f"{'met' if finding.met(row) else 'NOT MET'}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seed", type=int, help="of the corpus; a random one is printed")
    parser.add_argument("--number", type=int, default=60, help="true values of each form and rule")
    parser.add_argument("--ordinary", type=Path, nargs="*",
                        help="also search these folders; without one, the usual ones of the machine")
    parser.add_argument("--megabytes", type=int, default=200, help="ordinary files are collected up to this size")
    parser.add_argument("--json", action="store_true", help="print one JSON object; exit 0 also below a bar")
    given = parser.parse_args()
    binary, seed = given.binary.resolve(), Random().getrandbits(32) if given.seed is None else given.seed
    samples = corpus(seed, given.number)
    result = compared(samples, findings_of(binary, samples))
    content = None
    if given.ordinary is not None:
        content = ordinary(binary, given.ordinary or ordinaryfiles.usual_folders(), given.megabytes * 1_000_000)
    if given.json:
        print(json.dumps({
            "seed": seed, "samples": len(samples), "misses": result.misses, "wrong": result.wrong,
            "classes": {name: one.figures() for name, one in result.classes.items()},
            "forms": {name: one.figures() for name, one in sorted(result.forms.items())},
            "ordinary": content and {"files": content.files, "structured": content.structured, "bytes": dict(content.sizes),
                                     "blocks": content.blocks, "true": content.true, "marks": dict(content.marks)},
            "bars": bars(result, content)}))
        return 0
    true = sum(1 for sample in samples if sample.kind)
    print(f"seed {seed}: {true:,} values of {len(result.forms)} forms, {len(samples) - true:,} contents without one\n")
    print("\n".join(text(result, content)))
    return 0 if all(finding.met(row) for row in bars(result, content)) else 1


if __name__ == "__main__":
    sys.exit(main())
