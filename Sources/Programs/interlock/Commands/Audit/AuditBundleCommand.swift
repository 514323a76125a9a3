import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditBundle = Command(
        "audit bundle RUN", "write the evidence of one run into a file that an outsider can check",
        example: "interlock audit bundle 01kag0q9m2c4e6g8j0k2n4p6r8 -o run.tar",
        options: Option.logSource + [
            Option("-o FILE", "where to; must not exist yet").required,
            Option(
                "--disclose FIELD[@CALL]", "add the key of a payload, of all calls or of one",
                isRepeatable: true),
            Option("--disclose-all", "add the keys of all payloads of the run"),
            Option("--all-proofs", "prove the place of each record, not of the last alone"),
        ],
        exits: [.data, .notFound, .unavailable, .cannotCreate, .io],
        notes:
            "Without --disclose the file holds no payload. It is a tar; docs/auditing.md describes it, and interlock-verify checks it."
    ) { invocation in
        let run = try invocation.argument("no id of a run", .usage) { RunID($0) }
        let path = try invocation.require("o")
        try OutputFile.requireFree(path)
        let wanted = try disclosures(invocation)
        let log = try AuditLog(invocation)
        let gathered = try RunEvidence(
            of: run, in: log, from: RunEvidence.Source(scanning: log, for: run),
            eachProved: invocation.has("all-proofs"))
        let disclosed = try gathered.openings(wanted, all: invocation.has("disclose-all"))
        let bundle = try gathered.bundle(disclosed.openings)
        guard bundle.isWithinLimits else {
            throw Failure(
                .cannotCreate,
                "the evidence is larger than verifiers take: disclose less, or leave out --all-proofs"
            )
        }
        try AuditExport.record(
            kind: .bundle, count: gathered.run.records.count, query: invocation.query, from: log)
        try write(bundle, to: path, blobs: log.reader)
        for left in disclosed.left { Output.error("not disclosed: \(left)") }
        Output.line(
            "wrote `\(path)`: \(gathered.run.records.count) records, \(disclosed.openings.count) payloads disclosed"
        )
        return .ok
    }
}

/// File by file, so that no more than one payload is in memory.
private func write(_ bundle: EvidenceBundle, to path: String, blobs: LedgerReader) throws {
    let output = try OutputFile(path)
    try bundle.writeArchive(
        blob: { digest in
            guard let blob = try reading({ try blobs.blob(digest) }) else {
                throw Failure(.notFound, "the payload `\(digest.hex)` is gone")
            }
            return blob
        }, to: { try output.bytes($0) })
    try output.finish()
}

private func disclosures(_ invocation: Invocation) throws -> [Disclosure] {
    try invocation.all("disclose").map { text in
        try Invocation.parsed(text, "neither FIELD nor FIELD@CALL", .usage) { Disclosure($0) }
    }
}
