import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

extension Command {
    static let auditTail = Command(
        path: ["audit", "tail"], summary: "print the newest durable records",
        options: [
            .directory, .json,
            Option(name: "n", value: "COUNT", help: "how many (default: 50)"),
            Option(name: "agent", value: "AGENT", help: "of this agent alone"),
            Option(name: "run", value: "RUN", help: "of this run alone"),
            Option(
                name: "type", value: "TYPE", help: "of this type alone, for instance call.denied"),
        ],
        exits: [.data, .notFound, .io]
    ) { invocation in
        guard let count = Int(invocation["n"] ?? "50"), (1...1_000_000).contains(count) else {
            throw Failure(.usage, "-n takes a count from 1 to 1000000")
        }
        let filters = [
            ("agent", invocation["agent"]), ("run", invocation["run"]), ("t", invocation["type"]),
        ]
        var kept: [LedgerEntry] = []
        try reading {
            try AuditLog(invocation).reader.scan { entry in
                let record = entry.record
                guard
                    filters.allSatisfy({ name, wanted in
                        wanted.map { record?.text(name) == $0 } ?? true
                    })
                else { return true }
                kept.append(entry)
                if kept.count >= 2 * count { kept.removeFirst(kept.count - count) }
                return true
            }
        }
        for entry in kept.suffix(count) {
            RecordText.printLine(entry, json: invocation.has("json"))
        }
        return .ok
    }

    static let auditShow = Command(
        path: ["audit", "show"],
        summary: "show a record or all records of a call, with their payloads",
        arguments: ["LEAF"],
        options: [
            .directory, .json,
            Option(
                name: "payload", value: "FIELD", help: "print one payload's bytes",
                isRepeatable: true),
            Option(name: "raw", help: "print the stored bytes of the leaf"),
        ],
        exits: [.data, .notFound, .io],
        notes: "LEAF is an index, a leaf hash (base64 or hex), a call id or a decision id."
    ) { invocation in
        let log = try AuditLog(invocation)
        let entries = try reading { try log.reader.show(invocation.positional[0]) }
        guard !entries.isEmpty else {
            throw Failure(.notFound, "there is no record `\(invocation.positional[0])`")
        }
        for entry in entries { try show(entry, log, invocation) }
        return .ok
    }

    static let auditVerify = Command(
        path: ["audit", "verify"],
        summary: "recompute the log: every leaf, frame, signature, run and payload",
        options: [
            .directory, .json,
            Option(
                name: "vkey", value: "KEY",
                help: "the log's verifier key (default: this deployment's own)"),
            Option(
                name: "old-checkpoint", value: "FILE",
                help: "a checkpoint kept elsewhere: the log must extend it", isRepeatable: true),
            Option(
                name: "min-size", value: "N", help: "the log must hold at least this many records"),
        ],
        exits: [.no, .data, .notFound, .io],
        notes:
            "Only a checkpoint kept elsewhere can show that history was rewritten or cut by whoever has the key."
    ) { invocation in
        let minimum = try minimumSize(invocation)
        let log = try AuditLog(invocation)
        let old = try invocation.all("old-checkpoint").map { path throws(Failure) in
            do throws(FileFailure) { return try File.read(path, limit: 1 << 20) } catch {
                throw Failure(.notFound, error.message)
            }
        }
        let report = try reading {
            try log.reader.verify(
                key: try log.key(invocation), verifier: OpenSSLVerifier(), oldCheckpoints: old,
                guardFile: log.guardFile, minimumSize: minimum)
        }
        RecordText.print(report, json: invocation.has("json"))
        return report.isGood ? .ok : .no
    }
}

/// The log of a deployment, read from its files: no running gateway is asked.
private struct AuditLog {
    let reader: LedgerReader
    private let deployment: Deployment

    init(_ invocation: Invocation) throws(Failure) {
        deployment = try Deployment.open(invocation)
        reader = LedgerReader(
            directory: deployment.ledger, payloads: deployment.state + "/payloads",
            hashing: OpenSSLHashing())
    }

    var guardFile: String { deployment.resolve(deployment.configuration.ledger.checkpointCopy) }

    /// A key from the command line, else this deployment's own.
    func key(_ invocation: Invocation) throws(Failure) -> VerifierKey {
        guard let text = invocation["vkey"] else {
            return try LedgerSetup(deployment, try NodeKeys.opened(deployment)).verifierKey()
        }
        guard let key = VerifierKey(text, hashing: OpenSSLHashing()) else {
            throw Failure(.usage, "`\(text)` is no verifier key")
        }
        return key
    }
}

/// A bound that cannot be read must not count as none.
private func minimumSize(_ invocation: Invocation) throws(Failure) -> UInt64 {
    guard let text = invocation["min-size"] else { return 0 }
    guard let size = UInt64(text) else {
        throw Failure(.usage, "`\(text)` is no count of records")
    }
    return size
}

private func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let failure as LedgerFailure { throw Failure(failure) }
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
