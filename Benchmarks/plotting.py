#!/usr/bin/env python3
"""Draws what docs/performance.md shows from the result of `make bench`: `plotting.py RESULT.json FOLDER`, by the Python
of requirements/plots.txt."""

import json
import sys
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# The same picture from the same figures; words stay words, which a reader can search.
matplotlib.rcParams |= {"svg.hashsalt": "interlock", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif",
                        "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
                        "axes.grid": True, "axes.grid.axis": "x", "grid.color": "#dde1e7"}
COLOURS = ["#5b8fcb", "#9a6200", "#525c6a"]


def main() -> int:
    result, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    save(costs(result), folder / "performance-cost.svg")
    if "counting" in result:
        save(stages(result["counting"]), folder / "performance-stages.svg")
    return 0


def save(figure: plt.Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    print(path)


def costs(result: dict) -> plt.Figure:
    """Processor time of a call, and latency, of each row, at both loads."""
    names = [name for name in result["rows"] if name != "direct"]
    figure, axes = plt.subplots(1, 4, figsize=(10, 1.1 + 0.35 * len(names)), layout="constrained", sharey=True)
    steady = f"{result['rate']:,} calls a second"
    looks = [("saturation", "cpu_us_per_call", "processor time, us a call\n64 connections"),
             ("rate", "cpu_us_per_call", f"processor time, us a call\n{steady}"),
             ("rate", "p50_us", f"p50, us\n{steady}"), ("rate", "p99_us", f"p99, us\n{steady}")]
    for axis, (load, key, title) in zip(axes, looks):
        bars = axis.barh(names, [value(result, name, load, key) for name in names], color=COLOURS[0])
        axis.bar_label(bars, fmt=" {:,.0f}")
        axis.set_title(title, fontsize=9, loc="left")
        axis.margins(x=0.3)
    axes[0].invert_yaxis()
    return figure


def value(result: dict, name: str, load: str, key: str) -> float:
    return median(one[load][key] for one in result["rows"][name])


def stages(counting: dict) -> plt.Figure:
    """Thousands of instructions of each stage that takes so many, by kind of call, of the loops and of the ledger's
    thread."""
    kinds = [kind for kind in ("read", "guarded read", "refused") if kind in counting]
    threads = ["loops", "ledger"]

    def of(kind: str, thread: str) -> dict[str, float]:
        return counting[kind].get(thread + ", by stage", {})

    found = {thread: sorted({stage for kind in kinds for stage, count in of(kind, thread).items() if count > 1000},
                            key=lambda stage: -of("read", thread).get(stage, 0))
             for thread in threads}
    figure, axes = plt.subplots(
        1, 2, figsize=(9, 0.8 + 0.3 * max(map(len, found.values()))), layout="constrained")
    for axis, thread in zip(axes, threads):
        names = found[thread]
        for number, kind in enumerate(kinds):
            height = 0.8 / len(kinds)
            axis.barh([place + number * height for place in range(len(names))],
                      [of(kind, thread).get(name, 0) / 1000 for name in names],
                      height=height, color=COLOURS[number], label=kind)
        axis.set_yticks([place + 0.4 - height / 2 for place in range(len(names))], names)
        axis.set_title(f"{thread}: thousand instructions a call", fontsize=9, loc="left")
        axis.invert_yaxis()
    axes[0].legend(frameon=False, loc="lower right")
    return figure


if __name__ == "__main__":
    sys.exit(main())
