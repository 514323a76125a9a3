import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

extension Command {
    static let auditShow = Command(
        path: ["audit", "show"],
        summary: "show a record or all records of a call, with their payloads",
        arguments: ["LEAF"],
        options: Option.logSource + [
            .json,
            Option(
                name: "payload", value: "FIELD", help: "print one payload's bytes",
                isRepeatable: true),
            Option(name: "raw", help: "print the stored bytes of the leaf"),
        ],
        exits: [.data, .notFound, .unavailable, .io],
        notes: "LEAF is an index, a leaf hash (base64 or hex), a call id or a decision id."
    ) { invocation in
        let log = try AuditLog(invocation)
        let entries = try reading { try log.reader.show(invocation.positional[0]) }
        guard !entries.isEmpty else {
            throw Failure(.notFound, "there is no record `\(invocation.positional[0])`")
        }
        try AuditExport.record(
            kind: .show, count: entries.count, query: invocation.query, from: log)
        for entry in entries { try show(entry, log, invocation) }
        return .ok
    }
}

private func show(_ entry: LedgerEntry, _ log: AuditLog, _ invocation: Invocation) throws {
    if invocation.has("raw") {
        return Output.line(String(decoding: entry.leaf.bytes, as: UTF8.self))
    }
    guard let record = entry.record else {
        throw Failure(.data, "record \(entry.index) is in no canonical form")
    }
    var payloads: [(field: String, text: String)] = []
    for (field, value) in record.object.members {
        guard let stored = value["b"]?.string.flatMap(Digest.init(base64:)),
            let blob = try reading({ try log.reader.blob(stored) })
        else { continue }
        payloads.append((field, SealedPayload.text(ofBlob: blob)))
    }
    let wanted = invocation.all("payload")
    if !wanted.isEmpty {
        for payload in payloads where wanted.contains(payload.field) { Output.line(payload.text) }
        return
    }
    RecordText.print(entry, record, payloads, json: invocation.has("json"))
}
