import InterlockCommandLine
import InterlockDeployment
package import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockStore

/// Formats records of the log for people and for scripts.
package enum RecordFormatter {
    /// The fields that a line shows, texts and numbers.
    private static let facts = [
        "agent", "tool", "dec", "st", "code", "rule", "at", "scope", "target", "kind", "name",
        "port", "model", "status", "exit", "cnt", "flg",
    ]

    package static func printLine(_ entry: LedgerEntry) {
        guard let record = entry.record else {
            return Output.error("record \(entry.index) is in no canonical form")
        }
        let time = Timestamp(microseconds: record["ts"]?.integer ?? 0).rfc3339(fractionDigits: 3)
        let facts = Self.facts.compactMap { name in
            if let text = record.text(name) { return "\(name)=\(TerminalEscaping.shown(text))" }
            return record[name]?.integer.map { "\(name)=\($0)" }
        }
        Output.line(
            "\(String(entry.index).padded(to: 8)) \(time)  \(TerminalEscaping.shown(record.type).padded(to: 20)) "
                + facts.joined(separator: " "))
    }

    package static func print(_ shown: ProvedRecord, _ payloads: [DisplayedPayload], json: Bool) {
        if json { return Output.json(.object(object(shown, payloads))) }
        let type = TerminalEscaping.shown(shown.record.type)
        Output.line("record \(shown.index)  \(type)  \(shown.hash.base64)")
        for (key, value) in shown.record.object.members {
            Output.line(
                "  \(TerminalEscaping.shown(key).padded(to: 9)) \(TerminalEscaping.shown(value.json))"
            )
        }
        for payload in payloads {
            Output.line("  payload \(payload.field): \(TerminalEscaping.shown(payload.text))")
        }
        Output.line("  \([shown].statement)")
    }

    /// The form of a record in `--json` output and in exports.
    package static func object(_ shown: ProvedRecord) -> JSONObject {
        [
            "index": .count(shown.index), "hash": .string(shown.hash.base64),
            "leaf": .object(shown.record.object),
            "proved": [shown].proof,
        ]
    }

    /// The same form with the opened payloads, and with the reason for each payload that could not be opened.
    package static func object(_ shown: ProvedRecord, _ payloads: [DisplayedPayload]) -> JSONObject
    {
        var object = object(shown)
        var texts = JSONObject()
        var closed = JSONObject()
        for payload in payloads {
            if let json = payload.json {
                texts[payload.field] = json
            } else {
                closed[payload.field] = .string(payload.text)
            }
        }
        object["payloads"] = .object(texts)
        if closed.count > 0 { object["not_opened"] = .object(closed) }
        return object
    }
}

extension RecordFormatter {
    private static let columns = [
        "t", "agent", "run", "call", "tool", "dec", "rule", "st", "code", "subj",
    ]

    package static let csvHeader = (["index", "time"] + columns + ["hash"]).joined(separator: ",")

    /// One line of CSV (RFC 4180).
    package static func csv(_ shown: ProvedRecord) -> String {
        let time = Timestamp(microseconds: shown.record["ts"]?.integer ?? 0).rfc3339()
        let cells = columns.map { shown.record.text($0).map(TerminalEscaping.shown) ?? "" }
        return ([String(shown.index), time] + (cells + [shown.hash.base64]).map(CSVCell.written))
            .joined(separator: ",")
    }
}
