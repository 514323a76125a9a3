import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditGaps = Command(
        "audit gaps", "find what the log should have and has not, and what the index hides",
        example: "interlock audit gaps",
        options: Option.logSource + [
            .json, .since, .ofRun,
            Option(
                "--rebuild", "build the index anew and compare: rows, roots, and each day's digest"),
        ],
        exits: [.no, .data, .notFound, .io],
        notes:
            "Broken chains, open intents, calls with an unknown end, silence, late cosignatures, "
            + "steps of the clock. Exit 1 when there is any. It shows no record, so nothing is recorded."
    ) { invocation in
        let log = try AuditLog(invocation)
        let filter = try RecordFilter(invocation, log)
        let proved = try ProvedLog(log)
        let json = invocation.isJSON
        var isGood = try printGaps(proved, filter, json: json)
        if invocation.has("rebuild") {
            isGood = try IndexRebuild(proved).print(json: json) && isGood
        }
        return isGood ? .ok : .no
    }
}

/// Checks the log up to its checkpoint and prints the gaps.
///
/// - Returns: true if no gap was found.
private func printGaps(_ log: ProvedLog, _ filter: RecordFilter, json: Bool) throws -> Bool {
    let scan = try CheckpointScan(log)
    var finder = GapFinder(isPruned: scan.first > 0)
    try scan.run { entry in
        finder.add(entry.record, index: entry.index, hash: entry.leaf.hash)
    }
    finder.finish()
    let gaps = finder.gaps.filter { gap in
        (filter.run == nil || gap.run == filter.run)
            && filter.since.map { gap.time >= $0.microseconds } ?? true
    }
    for gap in gaps { json ? Output.json(value(gap)) : Output.line(line(gap)) }
    let more = finder.uncounted
    if !json {
        let rest = more > 0 ? ", and \(more) more that are not listed" : ""
        Output.line("\(gaps.count) gaps in \(log.size) records\(rest)")
    }
    return gaps.isEmpty && more == 0
}

private func value(_ gap: LogGap) -> JSONValue {
    var object: JSONObject = [
        "gap": .string(gap.kind.rawValue), "index": .count(gap.index), "ts": .integer(gap.time),
        "detail": .string(gap.detail),
    ]
    object["run"] = gap.run.map(JSONValue.string)
    return .object(object)
}

private func line(_ gap: LogGap) -> String {
    let time = Timestamp(microseconds: gap.time).rfc3339(fractionDigits: 3)
    return "\(String(gap.index).padded(to: 8)) \(time)  \(gap.kind.rawValue.padded(to: 16)) "
        + TerminalEscaping.shown(gap.detail)
        + (gap.run.map { "  run=\(TerminalEscaping.shown($0))" } ?? "")
}
