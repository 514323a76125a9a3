import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// R0: what happened, in order, from the leaves, with what the payloads say of it.
struct Timeline {
    private let log: AuditLog
    private var events: [TimelineEvent] = []

    init(of selection: ReplaySelection, in log: AuditLog) throws {
        self.log = log
        var found: [TimelineEvent] = []
        try selection.scan(log) { entry, record in
            guard record["rs"] != nil || record.type.hasPrefix("kill.") else { return }
            let fields = record.commitments.map(\.field).filter(TimelineEvent.shown.contains)
            let payloads = try fields.map { try log.payload($0, of: record) }
            found.append(TimelineEvent(entry: entry, record: record, payloads: payloads))
        }
        events = found
    }

    func show(_ invocation: Invocation) throws -> Exit {
        try AuditExport.record(
            kind: .replay, count: events.count, query: invocation.query, from: log)
        for event in events {
            invocation.has("json") ? Output.json(event.json) : Output.line(event.line)
        }
        return .ok
    }
}

/// One record as a line that a person reads.
struct TimelineEvent {
    /// What tells the story; a decision's input stands in R1.
    static let shown: Set<String> = ["text", "args", "res", "out"]
    /// Of a payload, on one line.
    private static let shownCharacters = 160

    let entry: LedgerEntry
    let record: StoredRecord
    let payloads: [ShownPayload]

    var line: String {
        let time = Timestamp(microseconds: record["ts"]?.integer ?? 0).rfc3339(fractionDigits: 3)
        return "\(time)  " + what.map(TerminalText.shown).joined(separator: "  ")
    }

    var json: JSONValue {
        var texts = JSONObject()
        for payload in payloads { texts[payload.field] = payload.json ?? .null }
        return [
            "index": .integer(Int64(clamping: entry.index)), "type": .string(record.type),
            "at": .string(
                Timestamp(microseconds: record["ts"]?.integer ?? 0).rfc3339(fractionDigits: 6)),
            "leaf": .object(record.object), "payloads": .object(texts),
        ]
    }

    /// The parts of the line: what, of which call, with which words.
    private var what: [String] {
        switch RecordType(rawValue: record.type) {
        case .runStart: ["run started", text("agent")]
        case .runEnd: ["run ended", text("code")]
        case .runInput:
            [
                "prompt (\(text("src")))",
                payload("text") ?? "\(number("size")) bytes, too large to be kept",
            ]
        case .callIntent:
            [
                text("dec") == "approve" ? "needs \(number("need")) to approve" : "allowed",
                text("tool"), "by \(text("rule"))", payload("args") ?? "",
            ]
        case .callDenied:
            [
                "denied", record.text("tool") ?? "", "\(text("code")) by \(text("rule"))",
                payload("args") ?? "",
            ]
        case .callInput: ["the server asked, round \(number("round"))", payload("answers") ?? ""]
        case .callOutcome:
            [
                record["late"]?.bool == true ? "came back late" : "result",
                text("st"), payload("out") ?? payload("res") ?? "",
            ]
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

    private func text(_ name: String) -> String { record.text(name) ?? "-" }
    private func number(_ name: String) -> String {
        record[name]?.integer.map(String.init) ?? "-"
    }

    private func payload(_ field: String) -> String? {
        guard let text = payloads.first(where: { $0.field == field })?.text else { return nil }
        return text.count > Self.shownCharacters
            ? text.prefix(Self.shownCharacters) + "..." : text
    }
}
