package import InterlockModel

/// The records of a run in one log, in the order of their chain, with a proof of the last one.
package struct EvidenceChain: Sendable {
    package let origin: String
    package let leaves: [Leaf]
    package let isEnded: Bool
    package let proof: TlogProof
    /// The proofs of all records under the same checkpoint, or an empty array if they were not requested.
    package let proofs: [TlogProof]
    /// The enrolments of `RunRecords.voters`, in the order of the log, under the same checkpoint.
    package let enrolments: [EvidenceEnrolment]

    package static let maximumRecords = 1 << 20

    /// - Precondition: the records of `run` are the whole chain up to the record that `proof` proves.
    package init(
        origin: String, run: RunRecords, proof: TlogProof, proofs: [TlogProof] = [],
        enrolments: [EvidenceEnrolment] = []
    ) {
        precondition(proofs.isEmpty || proofs.count == run.records.count)
        self.origin = origin
        leaves = run.records.map(\.leaf)
        isEnded = run.isEnded
        self.proof = proof
        self.proofs = proofs
        self.enrolments = enrolments
    }

    /// The records in the encoding of entry bundles, without its limit on their number.
    var entries: [UInt8] { Self.entries(leaves) }

    static func entries(_ leaves: [Leaf]) -> [UInt8] {
        var bytes: [UInt8] = []
        for leaf in leaves { EntryBundle.append(leaf.bytes, to: &bytes) }
        return bytes
    }
}

/// A record `approver.enrolled` of the log, which belongs to no run. It assigns a key, and thereby signatures, to a
/// person.
package struct EvidenceEnrolment: Sendable {
    let leaf: Leaf
    let proof: TlogProof

    package init(leaf: Leaf, proof: TlogProof) {
        self.leaf = leaf
        self.proof = proof
    }
}

/// Collects the chain of one run from the records of a log.
package struct RunRecords: Sendable {
    package struct Found: Sendable {
        package let index: UInt64
        package let leaf: Leaf
        package let record: StoredRecord
    }

    package let run: RunID
    package private(set) var records: [Found] = []
    private var checker = LogChecker()

    package init(_ run: RunID) { self.run = run }

    package var isEnded: Bool {
        records.contains { $0.record.type == RecordType.runEnd.rawValue }
    }

    /// Adds the record if it belongs to the chain. The caller must pass every record of the log in order.
    /// - Throws: `.brokenChain` if the chain is broken at the record or too long, or another fault of the record.
    package mutating func add(_ leaf: Leaf, at index: UInt64) throws(RecordFault) {
        guard let record = try? StoredRecord(parsing: leaf.bytes), record["rs"] != nil,
            record.text("run") == run.text
        else { return }
        guard records.count < EvidenceChain.maximumRecords else {
            throw .brokenChain(run: run.text)
        }
        try checker.add(record, hash: leaf.hash)
        records.append(Found(index: index, leaf: leaf, record: record))
    }

    /// The pseudonyms of those who voted in the run or reduced the required number of approvers of a call.
    package var voters: Set<String> {
        let votes: [RecordType] = [
            .approvalGranted, .approvalDenied, .approvalVoid, .approvalBreakGlass,
        ]
        return Set(
            records.compactMap { found in
                votes.contains { found.record.type == $0.rawValue } ? found.record.text("by") : nil
            })
    }

    /// The digests of the policies that the records name.
    package var policies: Set<Digest> { Set(records.compactMap { $0.record.digest("pol") }) }
}
