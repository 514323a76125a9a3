import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

extension Command {
    static let auditBundle = Command(
        path: ["audit", "bundle"],
        summary: "write the evidence of one run into a file that an outsider can check",
        arguments: ["RUN"],
        options: Option.logSource + [
            Option(name: "o", value: "FILE", help: "where to; must not exist yet"),
            Option(
                name: "disclose", value: "FIELD[@CALL]",
                help: "add the key of a payload, of all calls or of one", isRepeatable: true),
            Option(name: "disclose-all", help: "add the keys of all payloads of the run"),
            Option(
                name: "all-proofs", help: "prove the place of each record, not of the last alone"),
        ],
        exits: [.data, .notFound, .unavailable, .cannotCreate, .io],
        notes:
            "Without --disclose the file holds no payload. It is a tar; docs/auditing.md describes it, and interlock-verify checks it."
    ) { invocation in
        guard let run = RunID(invocation.positional[0]) else {
            throw Failure(.usage, "`\(invocation.positional[0])` is no id of a run")
        }
        let path = try invocation.require("o")
        try OutputFile.requireFree(path)
        let wanted = try disclosures(invocation)
        let log = try AuditLog(invocation)
        let gathered = try RunEvidence(of: run, in: log, eachProved: invocation.has("all-proofs"))
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
    for file in bundle.files {
        let content: [UInt8]
        switch file.content {
        case .bytes(let bytes): content = bytes
        case .blob(let digest):
            guard let blob = try reading({ try blobs.blob(digest) }) else {
                throw Failure(.notFound, "the payload `\(digest.hex)` is gone")
            }
            content = blob
        }
        try output.bytes(UstarArchive.header(name: file.name, count: content.count))
        try output.bytes(content)
        try output.bytes(UstarArchive.padding(after: content.count))
    }
    try output.bytes(UstarArchive.end)
    try output.finish()
}

private func disclosures(_ invocation: Invocation) throws -> [Disclosure] {
    try invocation.all("disclose").map { text in
        guard let disclosure = Disclosure(text) else {
            throw Failure(.usage, "`\(text)` is neither FIELD nor FIELD@CALL")
        }
        return disclosure
    }
}

/// What a bundle of one run is made of, read from the log and its neighbours.
private struct RunEvidence {
    private(set) var run: RunRecords
    private let log: AuditLog
    private let keys: [VerifierKey]
    private let chain: EvidenceChain

    init(of id: RunID, in log: AuditLog, eachProved: Bool) throws {
        self.log = log
        keys = try log.keys()
        var run = RunRecords(id)
        var entries: [LedgerEntry] = []
        do {
            try log.scan { entry in
                try run.add(entry.leaf, at: entry.index)
                if run.records.count > entries.count { entries.append(entry) }
                return true
            }
        } catch let fault as RecordFault {
            throw Failure(.data, "the records of the run are damaged: \(fault)")
        }
        guard let last = entries.last else {
            throw Failure(.notFound, "there is no run `\(id)` in this log")
        }
        self.run = run
        let keys = keys
        var prover = try reading {
            try log.reader.prover(
                .atLeast(last.index + 1), keys: keys, verifier: OpenSSLVerifier())
        }
        let proved = try reading {
            try (eachProved ? entries : [last]).map { entry in
                guard let proved = try prover.prove(entry) else {
                    throw LedgerFailure(.missing, "no checkpoint covers record \(entry.index)")
                }
                return proved.proof
            }
        }
        guard let proof = proved.last else {
            throw Failure(.internalError, "there is no proof of the last record")
        }
        chain = EvidenceChain(
            origin: prover.checkpoint.origin, run: run, proof: proof,
            proofs: eachProved ? proved : [])
    }

    /// - Returns: the keys of what is wanted, and one line for each payload that stays closed.
    /// - Throws: exit 66 when something that was asked for by name cannot be disclosed.
    func openings(
        _ wanted: [Disclosure], all: Bool
    ) throws -> (openings: [EvidenceOpening], left: [String]) {
        guard all || !wanted.isEmpty else { return ([], []) }
        var openings: [EvidenceOpening] = []
        var left: [String] = []
        var used: Set<Disclosure> = []
        for found in run.records {
            for (field, commitment) in found.record.commitments {
                let named = wanted.filter { $0.covers(field, of: found.record) }
                guard all || !named.isEmpty else { continue }
                used.formUnion(named)
                switch try opening(field, commitment, found) {
                case .success(let opening): openings.append(opening)
                case .failure(let reason):
                    let line = "`\(field)` of record \(found.index): \(reason.text)"
                    guard named.isEmpty else { throw Failure(.notFound, line) }
                    left.append(line)
                }
            }
        }
        if let unused = wanted.first(where: { !used.contains($0) }) {
            throw Failure(.notFound, "no record of the run has a payload `\(unused.field)` there")
        }
        return (openings, left)
    }

    private struct Closed: Error { let text: String }

    private func opening(
        _ field: String, _ commitment: Commitment, _ found: RunRecords.Found
    ) throws -> Result<EvidenceOpening, Closed> {
        switch try log.payload(field, of: found.record).answer {
        case .erased: return .failure(Closed(text: "it was erased"))
        case .missing(let what): return .failure(Closed(text: what.description))
        case .bad(let fault): throw Failure(.data, "`\(field)` of record \(found.index): \(fault)")
        case .opened:
            guard case .key(let key) = log.opener.key(of: field, in: found.record),
                let stored = commitment.stored
            else { return .failure(Closed(text: "it was stored without a key")) }
            return .success(
                EvidenceOpening(leaf: found.leaf.hash, field: field, key: key, blob: stored))
        }
    }

    func bundle(_ openings: [EvidenceOpening]) throws -> EvidenceBundle {
        var policies: [Digest: [UInt8]] = [:]
        if let archive = log.deployment?.policyArchive {
            for digest in run.policies {
                do { policies[digest] = try archive.canonical(of: digest) } catch {
                    throw Failure(.data, "\(error)")
                }
            }
        }
        return EvidenceBundle(
            run: run.run, chains: [chain], trustPolicy: try trustPolicy(), openings: openings,
            policies: policies, hashing: OpenSSLHashing())
    }

    private func trustPolicy() throws -> [UInt8] {
        if let deployment = log.deployment {
            let path = deployment.trust.path
            do throws(FileFailure) {
                return try File.read(path, limit: TrustPolicy.maximumBytes)
            } catch {
                guard error.isMissing else { throw Failure(.io, error.message) }
            }
        }
        return Array((keys.map { "log \($0)\n" }.joined() + "quorum none\n").utf8)
    }
}
