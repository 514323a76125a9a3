import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// Records of the log as people and scripts read them.
enum RecordText {
    static func printLine(_ entry: LedgerEntry, json: Bool) {
        guard let record = entry.record else {
            return Output.error("record \(entry.index) is in no canonical form")
        }
        if json { return Output.json(value(entry, record)) }
        let time = Timestamp(microseconds: record["ts"]?.integer ?? 0).rfc3339(fractionDigits: 3)
        let facts = ["agent", "tool", "dec", "st", "code", "rule", "at", "scope", "target"]
            .compactMap { name in
                record.text(name).map { "\(name)=\(TerminalText.shown($0))" }
            }
        Output.line(
            "\(String(entry.index).padded(to: 8)) \(time)  \(record.type.padded(to: 20)) "
                + facts.joined(separator: " "))
    }

    static func print(
        _ entry: LedgerEntry, _ record: StoredRecord, _ payloads: [(field: String, text: String)],
        json: Bool
    ) {
        if json {
            guard var object = value(entry, record).object else { return }
            var texts = JSONObject()
            for payload in payloads { texts[payload.field] = parsed(payload.text) }
            object["payloads"] = .object(texts)
            return Output.json(.object(object))
        }
        Output.line("record \(entry.index)  \(record.type)  \(entry.leaf.hash.base64)")
        for (key, value) in record.object.members {
            Output.line(
                "  \(key.padded(to: 9)) \(TerminalText.shown(String(decoding: value.serialized(), as: UTF8.self)))"
            )
        }
        for payload in payloads {
            Output.line("  payload \(payload.field): \(TerminalText.shown(payload.text))")
        }
    }

    static func print(_ report: VerifyReport, json: Bool) {
        if json {
            Output.json([
                "good": .bool(report.isGood), "entries": .integer(Int64(clamping: report.size)),
                "root": .string(report.root.base64), "frames": .integer(Int64(report.frames)),
                "runs": .integer(Int64(report.runs)),
                "open_intents": .integer(Int64(report.openIntents)),
                "payloads": .integer(Int64(report.payloads)),
                "faults": .array(report.faults.map(JSONValue.string)),
                "warnings": .array(report.warnings.map(JSONValue.string)),
            ])
            return
        }
        for fault in report.faults { Output.error("fault: \(TerminalText.shown(fault))") }
        for warning in report.warnings { Output.error("warning: \(TerminalText.shown(warning))") }
        if report.isGood {
            Output.line(
                "ok: \(report.size) entries, root \(report.root.base64), \(report.frames) signed frames, "
                    + "\(report.runs) runs, \(report.payloads) payloads, \(report.openIntents) open"
            )
        } else {
            Output.line("BAD: \(report.faults.count) faults in \(report.size) entries")
        }
    }

    private static func value(_ entry: LedgerEntry, _ record: StoredRecord) -> JSONValue {
        [
            "index": .integer(Int64(clamping: entry.index)),
            "hash": .string(entry.leaf.hash.base64),
            "leaf": .object(record.object),
        ]
    }

    private static func parsed(_ text: String) -> JSONValue {
        (try? JSONValue(parsing: Array(text.utf8), limits: .upstream)) ?? .string(text)
    }
}

extension SealedPayload {
    /// The plaintext of a stored blob as text; a form that this version does not know is named.
    static func text(ofBlob blob: [UInt8]) -> String {
        guard blob.count >= 33, blob[0] == 0x00 else {
            return "(a form that this version cannot open)"
        }
        return String(decoding: blob[33...], as: UTF8.self)
    }
}
