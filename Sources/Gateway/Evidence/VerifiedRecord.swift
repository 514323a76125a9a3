package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// A record that was read from the log itself, hashed, and proved to be in the tree of a signed checkpoint.
package struct VerifiedRecord: Sendable {
    package let index: UInt64
    package let hash: Digest
    package let record: StoredRecord
    /// The record as it is stored and hashed.
    package let bytes: [UInt8]
    /// The checkpoint that it was proved against when it was read.
    package let proof: RecordProof

    package init(
        index: UInt64, hash: Digest, record: StoredRecord, bytes: [UInt8],
        proof: RecordProof
    ) {
        self.index = index
        self.hash = hash
        self.record = record
        self.bytes = bytes
        self.proof = proof
    }

    package var agent: AgentName? { record.text("agent").flatMap { AgentName($0) } }
    package var run: RunID? { record.text("run").flatMap { RunID($0) } }
    package var isRefusal: Bool { record.type == RecordType.callDenied.rawValue }
}

/// One page of a search, newest first.
package struct RecordFinding: Sendable {
    package enum Row: Sendable {
        case proved(VerifiedRecord)
        /// The index names a record here that the log does not confirm; none of it is shown.
        case unproved(UInt64)

        package var index: UInt64 {
            switch self {
            case .proved(let record): record.index
            case .unproved(let index): index
            }
        }
    }

    /// The most new records that a tail counts.
    package static let mostNewer = 51

    package var rows: [Row]
    /// The record before which the next page starts, or nil at the end.
    package let next: UInt64?
    /// The reason why the index is not used or is incomplete, or nil if it is complete.
    package let fault: String?
    /// The records that could not be searched in time, because the index does not reach them.
    package let unsearched: Range<UInt64>?

    package init(rows: [Row], next: UInt64?, fault: String?, unsearched: Range<UInt64>?) {
        self.rows = rows
        self.next = next
        self.fault = fault
        self.unsearched = unsearched
    }
}

extension RecordFinding {
    /// The reason why there may be more records than were found, or nil if the search was complete.
    package var shortcoming: String? {
        fault
            ?? unsearched.map {
                "the index does not reach records \($0.lowerBound) to \($0.upperBound - 1)"
            }
    }
}

/// One record with everything that proves it, and the other records of its call.
package struct RecordEvidence: Sendable {
    package let record: VerifiedRecord
    package let proof: TlogProof
    /// The root of the checkpoint that the proof leads to.
    package let root: Digest
    /// The opened payloads, or nil if the reader may not read them.
    package var payloads: [DisplayedPayload]?
    /// The other records of the call, oldest first.
    package let others: [VerifiedRecord]
    /// The reasons why the call may have more records than `others`, as in `RecordFinding`.
    package let fault: String?
    package let unsearched: Range<UInt64>?

    package init(
        record: VerifiedRecord, proof: TlogProof, root: Digest, payloads: [DisplayedPayload]?,
        others: [VerifiedRecord], fault: String? = nil, unsearched: Range<UInt64>? = nil
    ) {
        self.record = record
        self.proof = proof
        self.root = root
        self.payloads = payloads
        self.others = others
        self.fault = fault
        self.unsearched = unsearched
    }

    /// The decision from the opened decision input, or nil if that was not opened.
    package var decision: JSONObject? {
        payloads?.first { ["in", "again"].contains($0.field) }?.json?["decision"]?.object
    }
}

/// A file to download.
package struct EvidenceFileBody: Sendable {
    package let name: String
    package let bytes: [UInt8]
    /// The number of records in the file.
    package let count: Int
    package init(name: String, bytes: [UInt8], count: Int) {
        self.name = name
        self.bytes = bytes
        self.count = count
    }
}
