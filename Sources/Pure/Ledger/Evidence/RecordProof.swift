package import InterlockModel

/// The signed checkpoint that a record was proved against, and the witnesses that cosigned it.
package struct RecordProof: Sendable, Hashable {
    /// The number of records under the checkpoint.
    package let size: UInt64
    package let root: Digest
    package let witnesses: CheckpointWitnesses

    package init(size: UInt64, root: Digest, witnesses: CheckpointWitnesses = .unknown) {
        self.size = size
        self.root = root
        self.witnesses = witnesses
    }

    /// True if the required witnesses cosigned the checkpoint; false if none is required.
    package var isCosigned: Bool { if case .reached = witnesses.quorum { true } else { false } }
}

/// The witnesses of a trust policy that cosigned one checkpoint.
package struct CheckpointWitnesses: Sendable, Hashable {
    package enum Quorum: Sendable, Hashable {
        /// No witness is required, or no valid trust policy says which.
        case notRequired
        /// The name of the witness or group that the trust policy requires, which is not complete.
        case missing(String)
        /// All that the trust policy requires cosigned.
        case reached(String)
    }

    /// The names of the witnesses that cosigned, in the order of the trust policy.
    package let names: [String]
    package let quorum: Quorum
    /// The time of the newest cosignature by the clock of its witness; nil without a cosignature.
    package let newest: Timestamp?

    /// No trust policy, so no cosignature counts.
    package static let unknown = CheckpointWitnesses(names: [], quorum: .notRequired)

    package init(names: [String], quorum: Quorum, newest: Timestamp? = nil) {
        self.names = names
        self.quorum = quorum
        self.newest = newest
    }

    /// Verifies the cosignatures of a note, whose own signature the caller has verified. A note with a line that names a
    /// witness of the policy and does not verify counts as not cosigned.
    package init(of note: [UInt8], _ policy: TrustPolicy?, _ verifier: any SignatureVerifier) {
        guard let policy else {
            self = .unknown
            return
        }
        let found =
            (try? SignedNote(parsing: note)).flatMap { try? policy.cosignatures(on: $0, verifier) }
            ?? []
        let keys = Set(found.map(\.key))
        self.init(
            names: policy.witnesses.filter { keys.contains($0.key) }.map(\.name.description),
            quorum: policy.quorum.map { name in
                policy.isSatisfied { keys.contains($0.key) }
                    ? .reached(name.description) : .missing(name.description)
            } ?? .notRequired,
            newest: found.map(\.time).max().map { Timestamp(seconds: $0) })
    }

    /// The same requirement of a checkpoint that no witness has seen.
    package var unseen: CheckpointWitnesses {
        if case .reached(let name) = quorum {
            CheckpointWitnesses(names: [], quorum: .missing(name))
        } else {
            CheckpointWitnesses(names: [], quorum: quorum)
        }
    }
}

extension Timestamp {
    /// - Parameter seconds: of a cosignature; times after the year 294,246 count as that.
    fileprivate init(seconds: UInt64) {
        self.init(microseconds: Int64(min(seconds, UInt64(Int64.max) / 1_000_000)) * 1_000_000)
    }
}
