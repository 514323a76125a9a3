package import InterlockJSON
package import InterlockModel

/// One record of a run as a step of its timeline (R0): the event, its call, and the related payloads.
package struct RunStep: Sendable {
    /// The payloads that the timeline contains; the input of a decision belongs to R1.
    package static let telling: Set<String> = [
        "text", "args", "res", "out", "answers", "dst", "ans", SearchReport.field,
    ]

    package let index: UInt64
    package let hash: Digest
    package let record: StoredRecord
    /// The payloads of `telling`, as far as they were opened.
    package let payloads: [DisplayedPayload]
    /// The checkpoint that the record was proved against when it was read; nil if it was not proved.
    package let proof: RecordProof?

    package init(
        index: UInt64, hash: Digest, record: StoredRecord, payloads: [DisplayedPayload],
        proof: RecordProof? = nil
    ) {
        self.index = index
        self.hash = hash
        self.record = record
        self.payloads = payloads
        self.proof = proof
    }

    /// The total size of the opened payloads, in bytes.
    package var openedBytes: Int {
        payloads.reduce(0) { sum, payload in
            if case .opened(let bytes) = payload.answer { sum + bytes.count } else { sum }
        }
    }

    /// Returns true if the record belongs to a timeline.
    package static func tells(_ record: StoredRecord) -> Bool {
        record["rs"] != nil || record.type.hasPrefix("kill.")
    }

    /// The description of the step from the record alone, without payloads.
    package var words: [String] {
        switch RecordType(rawValue: record.type) {
        case .runStart: ["run started", text("agent")]
        case .runAttach: ["run taken over from another node", text("agent")]
        case .runEnd: ["run ended", text("code")]
        case .runInput: ["prompt (\(text("src")))"]
        case .callIntent:
            [
                text("dec") == "approve"
                    ? "needs \(number("need")) to approve"
                    : record["hprompt"]?.bool == true
                        ? "allowed, if the host's own user agrees" : "allowed",
                text("tool"), "by \(text("rule"))",
            ]
        case .callDenied:
            ["denied", record.text("tool") ?? "", "\(text("code")) by \(text("rule"))"]
        case .runDegraded: ["without \(text("name"))", text("code")]
        case .limitDegraded: ["limit not kept", text("name"), text("code")]
        case .limitHit: ["limit reached", text("name"), number("amt")]
        case .netLookup: ["name resolved", "\(number("cnt")) addresses", "by \(text("rule"))"]
        case .netConnect:
            record.text("dec") != "allow"
                ? ["connection denied", text("code")]
                : record.text("acc") == "model"
                    ? ["model asked", record.text("model") ?? "", "by \(text("rule"))"]
                    : ["connection allowed", "port \(number("port"))", "by \(text("rule"))"]
        case .netClose:
            [
                "connection \(text("end"))",
                "\(number("sent")) bytes sent, \(number("recv")) received",
            ]
                + (record["status"] == nil
                    ? []
                    : ["\(number("tin")) tokens in, \(number("tout")) out"])
        case .callInput: ["the server asked, round \(number("round"))"]
        case .callOutcome:
            [record["late"]?.bool == true ? "came back late" : "result", text("st")]
        case .callUnknown: ["it is unknown whether it ran", text("why")]
        case .outcomeChecked: ["checked", text("as"), text("by")]
        case .approvalRequested: ["people are asked", text("group")]
        case .approvalGranted: ["approved", "\(number("i")) of \(number("need"))", text("by")]
        case .approvalDenied: ["turned down", text("by")]
        case .approvalProbe: ["a probe was decided", text("verdict"), text("by")]
        case .approvalUsed: ["grant used", "dec_" + text("use")]
        case .killRequested: ["KILL", text("scope"), text("target")]
        case .killPoint: ["stopped", text("point"), "\(number("left")) processes left"]
        case .killEffective: ["halted", "\(number("cut")) calls cut"]
        case .killReleased: ["released"]
        default: [record.type, record.text("code") ?? ""]
        }
    }

    /// The payload that is displayed after the description.
    package var content: DisplayedPayload? {
        switch RecordType(rawValue: record.type) {
        case .runInput: payload("text")
        case .callIntent, .callDenied: payload("args")
        case .callInput: payload("answers")
        case .netLookup: payload("ans")
        case .netConnect: payload("dst")
        case .callOutcome: payload("out") ?? payload("res")
        default: nil
        }
    }

    /// The report of the searches in a call; nil if the record has none, or it was not opened.
    package var report: SearchReport? {
        guard case .opened(let bytes) = payload(SearchReport.field)?.answer else { return nil }
        return SearchReport(parsing: bytes)
    }

    /// The size of a prompt that was not stored because it was too large.
    package var keptSize: String? {
        guard record.type == RecordType.runInput.rawValue, let size = record["size"]?.integer else {
            return nil
        }
        return "\(size) bytes, too large to be kept"
    }

    /// The form for `--json` and the API.
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

    private func payload(_ field: String) -> DisplayedPayload? {
        payloads.first { $0.field == field }
    }
}
