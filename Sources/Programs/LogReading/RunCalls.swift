import InterlockCommandLine
package import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockSafety
import InterlockStore

/// The last calls of a run in the log, newest first, with the reports of their searches.
package struct RunCalls {
    package struct Call {
        package let index: UInt64
        /// The record that ends the call.
        package let record: StoredRecord
        /// `server__tool`, or nil if it is not known.
        package let tool: String?
        /// Is nil if the record has none, or it could not be opened.
        package let report: SearchReport?
    }

    /// The most calls that are read.
    package static let most = 20

    /// A record of content that no call brought.
    package struct Content {
        package let index: UInt64
        package let record: StoredRecord

        /// A record without a level that is known counts as hostile, as at a start of the gateway.
        package var level: TaintLevel {
            record["tl"]?.integer.flatMap { TaintLevel(rawValue: $0) } ?? .hostile
        }
    }

    /// Is nil if the log has no start of the run.
    package let agent: String?
    package let calls: [Call]
    /// The content that no call brought, newest first.
    package let contents: [Content]
    /// True if the run has more calls.
    package let isCut: Bool

    package init(of run: RunID, _ search: inout RecordSearch) throws {
        var filter = RecordFilter()
        filter.run = run.text
        filter.type = RecordType.runStart.rawValue
        agent = try search.newest(filter, limit: 1).first?.record.text("agent")
        filter.type = RecordType.callIntent.rawValue
        var tools: [String: String] = [:]
        for intent in try search.newest(filter, limit: 4 * Self.most) {
            guard let call = intent.record.text("call") else { continue }
            tools[call] = intent.record.text("tool")
        }
        filter.type = RecordType.runTainted.rawValue
        contents = try search.newest(filter, limit: Self.most)
            .map { Content(index: $0.index, record: $0.record) }
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

    /// The level after the last call that was sent, and after content that no call brought; nil if neither is in the log.
    package var level: TaintLevel? {
        let sent = calls.first { $0.record.type != RecordType.callDenied.rawValue }
        // An end without a level is of a crash, or of a version without levels: the run may have read anything.
        let called = sent.map { call in
            call.record["tl"]?.integer.flatMap { TaintLevel(rawValue: $0) } ?? .hostile
        }
        let uncalled = contents.map(\.level).max()
        return [called, uncalled].compactMap { $0 }.max()
    }

    /// The number of markers of injections in all of the calls.
    package var markers: Int64 {
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

    /// The calls after which the level was higher than before, oldest first. The first of cut calls is not one,
    /// since the level before it is not known.
    package var raising: [Call] {
        var level = isCut ? nil : TaintLevel.clean.rawValue
        var found: [Call] = []
        for call in calls.reversed() {
            guard let after = call.record["tl"]?.integer else { continue }
            let earlier = contents.first { $0.index < call.index }?.level.rawValue
            if let before = level, after > max(before, earlier ?? before) { found.append(call) }
            level = max(level ?? after, after)
        }
        return found
    }
}

extension RunCalls.Call {
    package var time: String {
        (record.time ?? Timestamp(microseconds: 0)).rfc3339(fractionDigits: 0)
    }

    /// The form for `--json`.
    package var json: JSONValue {
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
    package var line: String {
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
