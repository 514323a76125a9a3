package import InterlockJSON
package import InterlockModel

/// One record of a run as a step of its story (R0): what, of which call, with which words.
package struct RunStep: Sendable {
    /// Payloads that tell the story; a decision's input stands in R1.
    package static let telling: Set<String> = ["text", "args", "res", "out", "answers"]

    package let index: UInt64
    package let hash: Digest
    package let record: StoredRecord
    /// Those that tell the story, as far as they were opened.
    package let payloads: [ShownPayload]

    package init(
        index: UInt64, hash: Digest, record: StoredRecord, payloads: [ShownPayload]
    ) {
        self.index = index
        self.hash = hash
        self.record = record
        self.payloads = payloads
    }

    /// Of the payloads that were opened.
    package var openedBytes: Int {
        payloads.reduce(0) { sum, payload in
            if case .opened(let bytes) = payload.answer { sum + bytes.count } else { sum }
        }
    }

    /// Whether the record is of a story at all.
    package static func tells(_ record: StoredRecord) -> Bool {
        record["rs"] != nil || record.type.hasPrefix("kill.")
    }

    /// The words of the log, without those of payloads.
    package var words: [String] {
        switch RecordType(rawValue: record.type) {
        case .runStart: ["run started", text("agent")]
        case .runEnd: ["run ended", text("code")]
        case .runInput: ["prompt (\(text("src")))"]
        case .callIntent:
            [
                text("dec") == "approve" ? "needs \(number("need")) to approve" : "allowed",
                text("tool"), "by \(text("rule"))",
            ]
        case .callDenied:
            ["denied", record.text("tool") ?? "", "\(text("code")) by \(text("rule"))"]
        case .callInput: ["the server asked, round \(number("round"))"]
        case .callOutcome:
            [record["late"]?.bool == true ? "came back late" : "result", text("st")]
        case .callUnknown: ["nobody knows whether it ran", text("why")]
        case .approvalRequested: ["people are asked", text("group")]
        case .approvalGranted: ["approved", "\(number("i")) of \(number("need"))", text("by")]
        case .approvalDenied: ["turned down", text("by")]
        case .approvalProbe: ["a probe was decided", text("verdict"), text("by")]
        case .approvalUsed: ["grant used", "dec_" + text("use")]
        case .killRequested: ["KILL", text("scope"), text("target")]
        case .killEffective: ["halted", "\(number("cut")) calls cut"]
        case .killReleased: ["released"]
        default: [record.type, record.text("code") ?? ""]
        }
    }

    /// What belongs behind the words.
    package var content: ShownPayload? {
        switch RecordType(rawValue: record.type) {
        case .runInput: payload("text")
        case .callIntent, .callDenied: payload("args")
        case .callInput: payload("answers")
        case .callOutcome: payload("out") ?? payload("res")
        default: nil
        }
    }

    /// Of a prompt that was not kept for its length.
    package var keptSize: String? {
        guard record.type == RecordType.runInput.rawValue, let size = record["size"]?.integer else {
            return nil
        }
        return "\(size) bytes, too large to be kept"
    }

    /// As `--json` and the API have it.
    package var json: JSONValue {
        var texts = JSONObject()
        for payload in payloads { texts[payload.field] = payload.json ?? .null }
        return [
            "index": .integer(Int64(clamping: index)), "type": .string(record.type),
            "at": .string((record.time ?? Timestamp(microseconds: 0)).rfc3339(fractionDigits: 6)),
            "leaf": .object(record.object), "payloads": .object(texts),
        ]
    }

    private func text(_ name: String) -> String { record.text(name) ?? "-" }
    private func number(_ name: String) -> String {
        record[name]?.integer.map(String.init) ?? "-"
    }

    private func payload(_ field: String) -> ShownPayload? {
        payloads.first { $0.field == field }
    }
}
