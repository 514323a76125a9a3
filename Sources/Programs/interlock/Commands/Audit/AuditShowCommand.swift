import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockStore

extension Command {
    static let auditShow = Command(
        "audit show LEAF", "show a record or all records of a call, with their payloads",
        example: "interlock audit show 1042",
        options: Option.logSource + [
            .json,
            Option("--payload FIELD", "print one payload's bytes", isRepeatable: true),
            Option("--raw", "print the stored bytes of the leaf"),
            Option(
                "--why", "print why: the rule, the policy by its hash, who approved, every receipt"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes:
            "LEAF is an index, a leaf hash (base64 or hex), a call id, a decision id or an approval id. Each record "
            + "is proved before it is shown, and that you look is recorded first."
    ) { invocation in
        let name = try RecordName(argument: invocation.positional[0])
        var search = try RecordSearch.telling(AuditLog(invocation))
        let records = try search.named(name)
        guard !records.isEmpty else {
            throw Failure(.notFound, "there is no record `\(invocation.positional[0])`")
        }
        let why = invocation.has("why") ? try CallTrace(of: records[0], &search) : nil
        try AuditExport.record(
            kind: .show, count: why?.records.count ?? records.count, query: invocation.query,
            from: search.log.log)
        if let why {
            why.print(search.log.log, json: invocation.isJSON)
        } else {
            for record in records { try show(record, search.log, invocation) }
        }
        return search.unproved.isEmpty ? .ok : .no
    }
}

extension RecordName {
    /// - Throws: exit 64 for text that names no record.
    init(argument text: String) throws(Failure) {
        guard let name = RecordName(text) else {
            let help = "an index, a leaf hash, a call id, `dec_...` or `apr_...`"
            throw Failure(.usage, "`\(text)` names no record", help: help)
        }
        self = name
    }
}

private func show(_ shown: ProvedRecord, _ log: ProvedLog, _ invocation: Invocation) throws {
    if invocation.has("raw") {
        return Output.bytes(Array(shown.entry.leaf.bytes) + [UInt8(ascii: "\n")])
    }
    let payloads = try log.log.payloads(of: shown.record)
    let wanted = invocation.all("payload")
    guard wanted.isEmpty else {
        for payload in payloads where wanted.contains(payload.field) { Output.line(payload.text) }
        return
    }
    RecordFormatter.print(shown, payloads, json: invocation.isJSON)
}
