import InterlockKeys
import InterlockStore

extension Command {
    static let auditVerify = Command(
        path: ["audit", "verify"],
        summary: "recompute the log: every leaf, frame, signature, run and payload",
        options: Option.logSource + [
            .json,
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
                key: try log.key(), verifier: OpenSSLVerifier(), oldCheckpoints: old,
                guardFile: log.guardFile, minimumSize: minimum)
        }
        RecordText.print(report, json: invocation.has("json"))
        return report.isGood ? .ok : .no
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
