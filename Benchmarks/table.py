"""The results of a run compared with the targets of docs/performance.md, as text for people."""

from statistics import median

import budget
import committing
import deciding
import isolating
import paging
import speaking

MIB = 1 << 20


def summarise(result: dict) -> list[dict]:
    """One line for each target: the measured value, the bar, and whether it is met."""
    rows, flush = result["rows"], result["flush"]

    def mid(row: str, load: str, key: str) -> float:
        return median(one[load][key] for one in rows[row])

    def cpu(row: str) -> float:
        return mid(row, "saturation", "cpu_us_per_call")

    nginx = mid("nginx", "saturation", "per_second")
    lines = [
        line("CPU per governed call, 64 connections", cpu("interlock") / cpu("nginx"), "x nginx", 3.0, most=True),
        line(f"CPU per governed call at {result['rate']:,}/s",
             mid("interlock", "rate", "cpu_us_per_call") / mid("nginx", "rate", "cpu_us_per_call"), "x nginx", 4.0, most=True),
        line("throughput, 64 connections", mid("interlock", "saturation", "per_second") / nginx, "x nginx", 0.45),
    ]
    allowed = 2 * flush["p50_us"] + 150
    for key, bar in (("p50_us", allowed), ("p99_us", 2000)):
        added = mid("interlock", "rate", key) - mid("direct", "rate", key)
        lines.append(line(f"added latency at {result['rate']:,}/s, {key[:3]}", added, "us", bar, most=True))
    if "stage" in result:
        found = result["stage"]
        share = 100 * found["stage_ns"] / found["call_p50_ns"]
        lines.append(line("approval stage, of an ungated call in process", share, "%", 1, most=True))
        # The share of a governed call as its caller sees it, in this very run.
        call_ns = 1000 * mid("interlock", "rate", "p50_us")
        kill = found["kill"]
        # A call checks for halts three times, and is entered once.
        looks = 3 * kill["halt_look_10_ns"] + kill["in_flight_ns"]
        lines.append(line(f"kill switch, of the p50 at {result['rate']:,}/s", 100 * looks / call_ns, "%", 1, most=True))
        lines.append(line("10,000 halts against 10, a look", kill["halt_look_10000_ns"] / kill["halt_look_10_ns"], "x", 1.5,
                          most=True))
        lines.append(line("1,000 runs in flight: order to the last call's end", kill["kill_1000_max_us"] / 1000, "ms", 100,
                          most=True))
        if "gate" in found:
            lines.append(line(f"change gate, of the p50 at {result['rate']:,}/s", 100 * found["gate"]["call_ns"] / call_ns, "%", 1,
                              most=True))
        limits = found["limits"]
        lines.append(line(f"limits, of the p50 at {result['rate']:,}/s", 100 * limits["limit_call_ns"] / call_ns, "%", 2, most=True))
        lines.append(line("check and reservation of 4 limits", limits["limit_4_keys_ns"] / 1000, "us", 1, most=True))
        lines.append(line("100,000 counters against 10, 4 limits", limits["limit_100000_counters_ns"] / limits["limit_10_counters_ns"],
                          "x", 1.5, most=True))
        lines.append(line("detectors over 10,000 agents, of a core", limits["detector_second_us"] / 10_000, "%", 5, most=True))
    if "workspace" in result:
        found = result["workspace"]
        lines.append(line("workspace diff, 100,000 changed files", found["many"]["diff_all"], "ms", 3000, most=True))
        lines.append(line("workspace of 1 GB prepared, digests known", found["large"]["prepare_warm"], "ms", 2000, most=True))
    if "scan" in result:
        found = result["scan"]
        lines.append(line("secrets in clean JSON", found["clean_mb_s"], "MB/s", 500))
        lines.append(line("the same, of the rate of RE2 alone", found["ratio"], "x", 10))
        if "decode_clean_mb_s" in found:
            lines.append(line("decoding of clean JSON, before its search", found["decode_clean_mb_s"], "MB/s", 1000))
        if "call_2k_ns" in found:
            # The specification has one target for texts with decoded views, however much of them is encoded.
            lines.append(line("the same with decoded views", found["views_mb_s"], "MB/s", 150))
            lines.append(line("the same in base64", found["views_base64_mb_s"], "MB/s", 150))
            lines.append(line("the same in base64, in lines of 76", found["views_lines_mb_s"], "MB/s", 150))
            lines.append(line("2 KB of arguments and 2 KB of a result", found["call_2k_ns"] / 1000, "us", 12, most=True))
            lines.append(line("1 MB of a result", found["call_1m_us"] / 1000, "ms", 10, most=True))
            lines.append(line("label of a value, full index", found["label"] / 1000, "us", 2, most=True))
        lines.append(line("20,000 known files searched again, of the first time", 100 * found["scan_warm"] / found["scan_cold"],
                          "%", 60, most=True))
    memory = result["memory"]
    lines.append(line("resident with 1,000 connections", memory["connections_1000"] / MIB, "MiB", 64, most=True))
    if memory.get("per_idle_stream") is not None:
        lines.append(line("per idle stream", memory["per_idle_stream"] / 1024, "KiB", 8, most=True))
    lines.append(line("serving after start, 100 agents", median(result["start_ms"]), "ms", 100, most=True))
    if "deciding" in result:
        lines += [line(what, value, unit, bar, most=True) for what, value, unit, bar in deciding.bars(result["deciding"])]
    if "committing" in result:
        lines += [line(what, value, unit, bar, most) for what, value, unit, bar, most in committing.bars(result["committing"])]
    if "speaking" in result:
        lines += [line(what, value, unit, bar, most=True) for what, value, unit, bar in speaking.bars(result["speaking"])]
    if "paging" in result:
        lines += [line(what, value, unit, bar, most=True) for what, value, unit, bar in paging.bars(result["paging"])]
    if "isolating" in result:
        lines += [line(what, value, unit, bar, most) for what, value, unit, bar, most in isolating.bars(result["isolating"])]
    for name in ("hooking", "provenance", "finding"):
        for what, value, unit, bar, most in result.get(name, {}).get("bars", []):
            lines.append(line(what, value, unit, bar, most))
    return lines


def line(what: str, value: float, unit: str, bar: float, most: bool = False) -> dict:
    return {"what": what, "value": round(value, 3), "unit": unit, "target": bar,
            "relation": "<=" if most else ">=", "met": value <= bar if most else value >= bar}


def text(result: dict) -> str:
    out = [f"{result['rounds']} rounds, alternating, {result['seconds']} s each; {result['cores']} cores; "
           f"medians of the rounds", ""]
    out.append(f"{'':10} {'calls/s':>10} {'p50 us':>8} {'p99 us':>8} {'CPU us/call':>12}   "
               f"{'at ' + format(result['rate'], ',') + '/s: p50':>18} {'p99 us':>8}   CPU us/call by process")
    for name, rounds in result["rows"].items():
        saturated, steady = [one["saturation"] for one in rounds], [one["rate"] for one in rounds]
        processes = {process: median(one["cpu_us_by_process"][process] for one in saturated)
                     for process in saturated[0]["cpu_us_by_process"]}
        out.append(
            f"{name:10} {median(one['per_second'] for one in saturated):>10,.0f} "
            f"{median(one['p50_us'] for one in saturated):>8,.0f} {median(one['p99_us'] for one in saturated):>8,.0f} "
            f"{median(one['cpu_us_per_call'] for one in saturated):>12.1f}   "
            f"{median(one['p50_us'] for one in steady):>18,.0f} {median(one['p99_us'] for one in steady):>8,.0f}   "
            + ", ".join(f"{process} {value:.1f}" for process, value in processes.items()))
    flush = result["flush"]
    out += ["", f"C row: append of 4 KiB and fdatasync: {flush['per_second']:,.0f}/s, p50 {flush['p50_us']} us, "
                f"p99 {flush['p99_us']} us"]
    if result.get("steps_ns"):
        out.append("alone, ns: " + ", ".join(f"{name} {value:,}" for name, value in result["steps_ns"].items()))
    if result.get("stage"):
        found = result["stage"]
        out.append(f"approval stage of a call that needs none: {found['stage_ns']:,} ns of {found['call_p50_ns']:,} ns "
                   f"(p50 in process, without disk and network)")
    if result.get("deciding"):
        out += deciding.text(result["deciding"])
    if result.get("committing"):
        out += committing.text(result["committing"])
    if result.get("speaking"):
        out += speaking.text(result["speaking"])
    if result.get("paging"):
        out += paging.text(result["paging"])
    if result.get("counting"):
        out += ["", "one call of one caller, by kind and thread; instructions by stage:",
                budget.text(result["counting"], {}).rstrip(), ""]
    if result.get("wrk"):
        out.append("wrk beside our generator, calls/s: " + ", ".join(
            f"{name} {value['wrk']:,.0f} / {value['load']:,.0f}" for name, value in result["wrk"].items()))
    if "interlock" in result["rows"]:
        memory = result["memory"]
        out += ["", f"memory: {memory['connections_1'] / MIB:.1f} MiB with 1 connection, "
                    f"{memory['connections_1000'] / MIB:.1f} MiB with 1,000; "
                    f"{memory['streams']} idle streams", "", f"{'target':45} {'measured':>12} {'':6} {'bar':>12}"]
        for one in summarise(result):
            out.append(f"{one['what']:45} {one['value']:>12,.2f} {one['unit']:7} {one['relation']} {one['target']:>9,.2f}"
                       f"  {'met' if one['met'] else 'NOT MET'}")
        if result.get("profile") and not all(one["met"] for one in summarise(result)):
            out += ["", "own time at saturation by thread and symbol (all of it: profile.txt beside result.json)",
                    result["profile"]]
    return "\n".join(out)
