import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockLedger
package import InterlockModel
package import InterlockStore
import InterlockWitnessing

/// The content of an evidence bundle of one run, read from the log and the files of its deployment.
package struct RunEvidence {
    package private(set) var run: RunRecords
    private let log: AuditLog
    private let keys: [VerifierKey]
    private let chain: EvidenceChain

    /// The records from which the evidence of a run is taken; they may include other runs' records.
    package struct Source {
        /// The records, in the order of the log.
        package private(set) var entries: [LedgerEntry] = []
        /// All enrolments in the log.
        package private(set) var enrolled: [LedgerEntry] = []
        /// Is true if no log precedes this one.
        package private(set) var isWhole = false

        package init(entries: [LedgerEntry], enrolled: [LedgerEntry], isWhole: Bool) {
            (self.entries, self.enrolled, self.isWhole) = (entries, enrolled, isWhole)
        }
    }

    package init(of id: RunID, in log: AuditLog, from source: Source, eachProved: Bool) throws {
        self.log = log
        keys = try log.keys()
        var run = RunRecords(id)
        var entries: [LedgerEntry] = []
        do throws(RecordFault) {
            for entry in source.entries {
                try run.add(entry.leaf, at: entry.index)
                if run.records.count > entries.count { entries.append(entry) }
            }
        } catch {
            throw Failure(.data, "the records of the run are damaged: \(error)")
        }
        guard let last = entries.last else {
            throw Failure(.notFound, "there is no run `\(id)` in this log")
        }
        self.run = run
        let keys = keys
        var prover = try reading {
            try log.reader.prover(.atLeast(last.index + 1), keys: keys, verifier: OpenSSLVerifier())
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
        // The list is empty for a pruned or continued log: enrolments may be missing there, and a verifier takes the
        // list for complete.
        let enrolments =
            source.isWhole
            ? try Self.enrolments(source.enrolled, of: run.voters, before: last, &prover) : []
        chain = EvidenceChain(
            origin: prover.checkpoint.origin, run: run, proof: proof,
            proofs: eachProved ? proved : [], enrolments: enrolments)
    }

    /// The enrolments of these people before the run's last record.
    private static func enrolments(
        _ entries: [LedgerEntry], of people: Set<String>, before last: LedgerEntry,
        _ prover: inout LogProver
    ) throws -> [EvidenceEnrolment] {
        var found: [EvidenceEnrolment] = []
        for entry in entries where entry.index < last.index {
            guard let record = entry.record, record.type == RecordType.approverEnrolled.rawValue,
                let holder = record.text("by"), people.contains(holder),
                let proved = try reading({ try prover.prove(entry) })
            else { continue }
            found.append(EvidenceEnrolment(leaf: entry.leaf, proof: proved.proof))
        }
        return found
    }

    /// - Returns: the keys of the requested payloads, and one line for each payload that remains closed.
    /// - Throws: exit 66 if a payload requested by name cannot be disclosed.
    package func openings(
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

    /// - Parameter withPolicies: whether to include the archived policies that decided in the run.
    package func bundle(_ openings: [EvidenceOpening], withPolicies: Bool = true) throws
        -> EvidenceBundle
    {
        var policies: [Digest: [UInt8]] = [:]
        if withPolicies, let archive = log.deployment?.policyArchive {
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
                return try File.readRegular(path, limit: TrustPolicy.maximumBytes)
            } catch {
                guard error.isMissing else { throw Failure(.io, error.message) }
            }
        }
        return Array((keys.map { "log \($0)\n" }.joined() + "quorum none\n").utf8)
    }
}

extension RunEvidence.Source {
    /// Reads every record of the log.
    package init(scanning log: AuditLog, for run: RunID) throws {
        self.init(entries: [], enrolled: [], isWhole: false)
        let name = Array("\"run\":\"\(run.text)\"".utf8)
        try log.scan { entry in
            // Earlier logs of a later epoch contain enrolments, too.
            if entry.index == 0 { isWhole = entry.record?["from"] == nil }
            if entry.mayBe(.approverEnrolled) { enrolled.append(entry) }
            if entry.leaf.bytes.holds(name) { entries.append(entry) }
            return true
        }
    }
}
