package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// A record that was read from the log itself, hashed, and proved to be in the tree of a signed checkpoint.
package struct VerifiedRecord: Sendable {
    package let index: UInt64
    package let hash: Digest
    package let record: StoredRecord
    /// As they are stored and hashed.
    package let bytes: [UInt8]
    /// The size of the checkpoint that it was proved against, and how many witnesses cosigned that.
    package let size: UInt64
    package let cosigners: Int

    package init(
        index: UInt64, hash: Digest, record: StoredRecord, bytes: [UInt8], size: UInt64,
        cosigners: Int
    ) {
        self.index = index
        self.hash = hash
        self.record = record
        self.bytes = bytes
        self.size = size
        self.cosigners = cosigners
    }

    package var agent: AgentName? { record.text("agent").flatMap { AgentName($0) } }
    package var run: RunID? { record.text("run").flatMap { RunID($0) } }
    package var isRefusal: Bool { record.type == RecordType.callDenied.rawValue }
}

/// One page of a search, the newest first.
package struct RecordFinding: Sendable {
    package enum Row: Sendable {
        case proved(VerifiedRecord)
        /// The index names a record there, and the log does not bear it out: nothing of it is shown.
        case unproved(UInt64)

        package var index: UInt64 {
            switch self {
            case .proved(let record): record.index
            case .unproved(let index): index
            }
        }
    }

    package var rows: [Row]
    /// In front of which record the search goes on; nil at the end.
    package let next: UInt64?
    /// Why the index is not used, or less of it than there is.
    package let fault: String?
    /// Records that could not be looked at in time, because the index does not reach them.
    package let unsearched: Range<UInt64>?

    package init(rows: [Row], next: UInt64?, fault: String?, unsearched: Range<UInt64>?) {
        self.rows = rows
        self.next = next
        self.fault = fault
        self.unsearched = unsearched
    }
}

extension RecordFinding {
    /// Why there may be more than was found; nil when there is not.
    package var shortcoming: String? {
        fault
            ?? unsearched.map {
                "the index does not reach records \($0.lowerBound) to \($0.upperBound - 1)"
            }
    }
}

/// One record with all that proves it, and what else the log has of its call.
package struct RecordEvidence: Sendable {
    package let record: VerifiedRecord
    package let proof: TlogProof
    /// Of the checkpoint that the proof leads to.
    package let root: Digest
    /// Opened, where the reader may read them; nil where not.
    package var payloads: [ShownPayload]?
    /// The other records of the call, oldest first.
    package let others: [VerifiedRecord]

    package init(
        record: VerifiedRecord, proof: TlogProof, root: Digest, payloads: [ShownPayload]?,
        others: [VerifiedRecord]
    ) {
        self.record = record
        self.proof = proof
        self.root = root
        self.payloads = payloads
        self.others = others
    }

    /// The decision as its input has it, where that was opened.
    package var decision: JSONObject? {
        payloads?.first { ["in", "again"].contains($0.field) }?.json?["decision"]?.object
    }
}

/// Something to be kept as a file.
package struct EvidenceFileBody: Sendable {
    package let name: String
    package let bytes: [UInt8]
    /// Records in it.
    package let count: Int
    package init(name: String, bytes: [UInt8], count: Int) {
        self.name = name
        self.bytes = bytes
        self.count = count
    }
}
