import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// What a bundle of one run is made of, read from the log and its neighbours.
struct RunEvidence {
    private(set) var run: RunRecords
    private let log: AuditLog
    private let keys: [VerifierKey]
    private let chain: EvidenceChain

    /// Records of a log from which the evidence of a run is taken; more than those of the run do no harm.
    struct Source {
        /// In the log's order.
        var entries: [LedgerEntry] = []
        /// Every enrolment of the log.
        var enrolled: [LedgerEntry] = []
        /// Whether there is no log before this one.
        var isWhole = false

        /// Looks at every record of the log.
        init(scanning log: AuditLog, for run: RunID) throws {
            let name = Array("\"run\":\"\(run.text)\"".utf8)
            try log.scan { entry in
                // Of a later epoch the logs before it have enrolments, too.
                if entry.index == 0 { isWhole = entry.record?["from"] == nil }
                if entry.mayBe(.approverEnrolled) { enrolled.append(entry) }
                if entry.leaf.bytes.holds(name) { entries.append(entry) }
                return true
            }
        }

        init(entries: [LedgerEntry], enrolled: [LedgerEntry], isWhole: Bool) {
            self.entries = entries
            self.enrolled = enrolled
            self.isWhole = isWhole
        }
    }

    init(of id: RunID, in log: AuditLog, from source: Source, eachProved: Bool) throws {
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
        // Of a pruned log some may be gone, and a verifier takes those that are listed for all.
        let enrolments =
            source.isWhole
            ? try Self.enrolments(source.enrolled, of: run.voters, before: last, &prover) : []
        chain = EvidenceChain(
            origin: prover.checkpoint.origin, run: run, proof: proof,
            proofs: eachProved ? proved : [], enrolments: enrolments)
    }

    /// Those of these people, as far as they stand before the run's last record.
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

    /// - Parameter withPolicies: whether those that decided in the run are in it, as far as they were kept.
    func bundle(
        _ openings: [EvidenceOpening], withPolicies: Bool = true
    ) throws -> EvidenceBundle {
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
