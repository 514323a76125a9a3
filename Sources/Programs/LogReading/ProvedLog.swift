import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockStore

/// A record that was read from the log, hashed, and proved to be in the tree of a signed checkpoint. Commands print no
/// other records.
package struct ProvedRecord {
    package let entry: LedgerEntry
    package let record: StoredRecord
    package let proof: RecordProof

    package var index: UInt64 { entry.index }
    package var hash: Digest { entry.leaf.hash }

    fileprivate init(_ entry: LedgerEntry, _ record: StoredRecord, _ proof: RecordProof) {
        self.entry = entry
        self.record = record
        self.proof = proof
    }
}

/// A log as of its newest signed checkpoint. Records below the published checkpoint, which witnesses may have cosigned,
/// are proved against that one; later records are proved against the newest frame's.
package struct ProvedLog {
    package let log: AuditLog
    private var published: LogProver
    private var newest: LogProver
    private var entries: EntryReader
    /// The witnesses of the trust file that cosigned the published checkpoint.
    private let witnesses: CheckpointWitnesses

    package var size: UInt64 { newest.checkpoint.size }
    package var checkpoint: Checkpoint { newest.checkpoint }
    /// The published signed note, with the cosignatures it has received.
    package var publishedNote: [UInt8] { published.note }
    package var publishedCheckpoint: Checkpoint { published.checkpoint }

    /// - Throws: exit 65 if no key has signed, or if the tree does not match the signed one.
    package init(_ log: AuditLog) throws {
        self.log = log
        let keys = try log.keys()
        let reader = log.reader
        published = try reading { try reader.prover(keys: keys, verifier: OpenSSLVerifier()) }
        newest = try reading {
            try reader.prover(.atLeast(reader.size()), keys: keys, verifier: OpenSSLVerifier())
        }
        entries = EntryReader(reader, published: published.checkpoint.size)
        witnesses = CheckpointWitnesses(of: published.note, log.witnesses, OpenSSLVerifier())
    }

    /// - Returns: nil beyond the checkpoint.
    /// - Throws: exit 65 if the record does not match the log's commitment or is not in canonical form.
    package mutating func record(at index: UInt64) throws -> ProvedRecord? {
        guard index < size, let entry = try reading({ try entries.entry(at: index) }) else {
            return nil
        }
        return try proved(entry)
    }

    /// - Returns: nil beyond the checkpoint.
    package mutating func proved(_ entry: LedgerEntry) throws -> ProvedRecord? {
        let isPublished = entry.index < published.checkpoint.size
        let proof =
            try isPublished
            ? reading { try published.prove(entry) } : reading { try newest.prove(entry) }
        guard let proof else { return nil }
        guard let record = entry.record else {
            throw Failure(.data, "record \(entry.index) is in no canonical form")
        }
        return ProvedRecord(
            entry, record,
            RecordProof(
                size: proof.checkpoint.size, root: proof.checkpoint.root,
                witnesses: isPublished ? witnesses : witnesses.unseen))
    }

    /// The record with its complete proof.
    ///
    /// - Parameter isUnderNewest: if true, proves against the newest checkpoint even if the published one covers the
    ///   record.
    /// - Returns: nil beyond the checkpoint.
    package mutating func evidence(
        of record: ProvedRecord, isUnderNewest: Bool = false
    ) throws -> ProvedEntry? {
        let isPublished = !isUnderNewest && record.index < published.checkpoint.size
        return try isPublished
            ? reading { try published.prove(record.entry) }
            : reading { try newest.prove(record.entry) }
    }

    package mutating func root(at size: UInt64) throws -> Digest {
        try reading { try newest.root(at: size) }
    }
}

extension Collection<ProvedRecord> {
    /// The line about proofs, printed below records.
    package var statement: String {
        let proofs = Set(map(\.proof)).sorted { $0.size < $1.size }
        let texts = proofs.map { "checkpoint \($0.size), cosigned by \($0.witnesses.names.count)" }
        return texts.isEmpty
            ? "nothing to prove" : "proved against " + texts.joined(separator: "; ")
    }

    /// The largest checkpoint of the proofs, with the smallest number of cosigners.
    package var proof: JSONValue {
        [
            "size": .count(map(\.proof.size).max() ?? 0),
            "cosigned": .count(map(\.proof.witnesses.names.count).min() ?? 0),
        ]
    }
}
