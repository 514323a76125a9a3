import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSafety
import InterlockStore

/// The last calls of a run in the log, newest first, with the reports of their searches, and what raised its level without
/// a call.
struct RunCalls {
    struct Call {
        let index: UInt64
        /// The record that ends the call.
        let record: StoredRecord
        /// `server__tool`, or nil if it is not known.
        let tool: String?
        /// Is nil if the record has none, or it could not be opened.
        let report: SearchReport?
    }

    /// The most calls that are read.
    static let most = 20

    /// Is nil if the log has no start of the run.
    let agent: String?
    let calls: [Call]
    /// True if the run has more calls.
    let isCut: Bool
    /// The records of content that no call brought (`run.tainted`), oldest first.
    private let causes: [ProvedRecord]

    init(of run: RunID, _ search: inout RecordSearch) throws {
        var filter = RecordFilter()
        filter.run = run.text
        filter.type = RecordType.runStart.rawValue
        agent = try search.newest(filter, limit: 1).first?.record.text("agent")
        filter.type = RecordType.runTainted.rawValue
        causes = try search.newest(filter, limit: Self.most)
        filter.type = RecordType.callIntent.rawValue
        var tools: [String: String] = [:]
        for intent in try search.newest(filter, limit: 4 * Self.most) {
            guard let call = intent.record.text("call") else { continue }
            tools[call] = intent.record.text("tool")
        }
        var ends: [ProvedRecord] = []
        for type in [RecordType.callOutcome, .callUnknown, .callDenied] {
            filter.type = type.rawValue
            ends += try search.newest(filter, limit: Self.most + 1)
        }
        ends.sort { $0.index > $1.index }
        isCut = ends.count > Self.most
        var calls: [Call] = []
        for end in ends.prefix(Self.most) {
            let record = end.record
            calls.append(
                Call(
                    index: end.index, record: record,
                    tool: record.text("tool") ?? record.text("call").flatMap { tools[$0] },
                    report: try search.log.log.report(of: record)))
        }
        self.calls = calls
    }

    /// The level after the last call that was sent, or the worst that the run had without a call; nil if neither is in the
    /// log.
    var level: TaintLevel? {
        let sent = calls.first { $0.record.type != RecordType.callDenied.rawValue }
        // An end without a level is of a crash, or of a version without levels: the run may have read anything.
        let records = causes.map(\.record) + (sent.map { [$0.record] } ?? [])
        return records.map { record in
            record["tl"]?.integer.flatMap { TaintLevel(rawValue: $0) } ?? .hostile
        }.max()
    }

    /// The number of markers of injections in all of the calls.
    var markers: Int64 {
        let kinds = DescriptionFinding.Kind.allCases.map { kind in
            kind.rawValue.split(separator: "-").joined(separator: "_")
        }
        var count: Int64 = 0
        for call in calls {
            for found in [call.record["find"], call.record["nfind"]] {
                for kind in kinds { count += found?[kind]?.integer ?? 0 }
            }
        }
        return count
    }

    /// The calls and causes after which the level was higher than before, oldest first, in the form of the operation
    /// `GET /runs/{run}/taint`. The first of calls that are cut is none, since the level before it is not known.
    var sources: [JSONValue] {
        var steps = calls.map { Step(index: $0.index, record: $0.record, source: $0.source) }
        for cause in causes {
            steps.append(
                Step(index: cause.index, record: cause.record, source: Self.source(cause.record)))
        }
        var level = isCut ? nil : TaintLevel.clean.rawValue
        var found: [JSONValue] = []
        for step in steps.sorted(by: { $0.index < $1.index }) {
            guard let after = step.record["tl"]?.integer else { continue }
            let isCause = step.record.type == RecordType.runTainted.rawValue
            if level.map({ after > $0 }) ?? isCause { found.append(step.source) }
            level = max(level ?? after, after)
        }
        return found
    }

    private struct Step {
        let index: UInt64
        let record: StoredRecord
        let source: JSONValue
    }

    /// The cause of a level that no call raised.
    private static func source(_ record: StoredRecord) -> JSONValue {
        var object: JSONObject = ["at": .string(record.timeText)]
        object["cause"] = record["code"]
        object["from"] = record["ofrun"]
        return .object(object)
    }
}

extension StoredRecord {
    /// The time of the record in whole seconds, RFC 3339.
    fileprivate var timeText: String {
        (time ?? Timestamp(microseconds: 0)).rfc3339(fractionDigits: 0)
    }
}

extension RunCalls.Call {
    /// The call as a source of the level of its run.
    fileprivate var source: JSONValue {
        var object: JSONObject = ["at": .string(time)]
        object["call"] = record["call"]
        let kinds = report?.mark?.kinds ?? []
        object["markers"] = .array(kinds.map(JSONValue.string))
        return .object(object)
    }

    fileprivate var time: String { record.timeText }

    /// The form for `--json`.
    var json: JSONValue {
        var object: JSONObject = [
            "record": .count(index), "type": .string(record.type), "at": .string(time),
        ]
        object["call"] = record["call"]
        object["tool"] = tool.map(JSONValue.string)
        for field in ["tl", "find", "nfind"] { object[field] = record[field] }
        object["report"] = report.map { .object($0.json) }
        return .object(object)
    }

    /// The call on one line for people.
    var line: String {
        let name = tool.map(TerminalEscaping.shown) ?? "a call"
        let end = record.type == RecordType.callDenied.rawValue ? ", denied" : ""
        let level = record["tl"]?.integer.map { ", level \($0)" } ?? ""
        let parts = labels + found
        return "  record \(index)  \(time)  \(name)\(end)\(level)"
            + (parts.isEmpty ? "" : ": " + parts.joined(separator: "; "))
    }

    private var labels: [String] {
        guard let report, let worst = report.worst else { return [] }
        let labels = report.labels.map {
            "\(TerminalEscaping.shown($0.pointer)) \($0.label.letter)"
        }
        return [
            (labels + ["worst \(worst.letter)"]).joined(separator: ", ")
        ]
    }

    private var found: [String] {
        guard let report else { return [] }
        return [report.findings, report.arguments, report.notices].flatMap(\.listed).map {
            let rule = $0.rule.map { ", rule \(TerminalEscaping.shown($0))" } ?? ""
            let place = $0.place.map { " at \(TerminalEscaping.shown($0))" } ?? ""
            return "\($0.count) \(TerminalEscaping.shown($0.kind))\(rule)\(place)"
        }
    }
}
