package import InterlockLedger
package import InterlockModel

/// The references that a log is verified against. All of them come from outside the log.
package struct VerifyRequest: Sendable {
    /// The log's keys; those in `trust` are accepted too.
    package var keys: [VerifierKey]
    package let verifier: any SignatureVerifier
    /// The witnesses, and the quorum of cosignatures.
    package var trust: TrustPolicy?
    /// Signed checkpoints that were kept elsewhere, each with a name for messages. The log must extend them.
    package var oldCheckpoints: [(name: String, note: [UInt8])] = []
    /// The writer's second copy of its newest checkpoint, outside the log's folder.
    package var guardFile: String?
    package var minimumSize: UInt64 = 0
    /// Bundles that hold only records below this index may be missing: the log was pruned.
    package var minimumIndex: UInt64 = 0
    /// True if stored payloads are read and hashed.
    package var payloads = false
    /// Checks everything except the content of entries, for a log of another program.
    package var treeOnly = false
    /// True if the log is that of one node of a cluster, whose other logs and control chain are checked too.
    package var isOfCluster = false
    /// Called after each entry, also one whose hash alone is there, so that people see how far a long log is.
    package var onEntry: @Sendable () -> Void = {}

    package init(keys: [VerifierKey], verifier: any SignatureVerifier) {
        self.keys = keys
        self.verifier = verifier
    }

    var allKeys: [VerifierKey] { keys + (trust?.logs.map(\.key) ?? []) }
}

/// The result of `interlock audit verify`.
package struct VerifyReport: Sendable, Equatable {
    /// The number of records read, including those after the published checkpoint.
    package var size: UInt64 = 0
    package var root: Digest
    /// The size of the published checkpoint.
    package var published: UInt64 = 0
    /// The number of signed frames after the published checkpoint.
    package var frames = 0
    package var runs = 0
    /// The number of calls without a closing record; a running gateway has some.
    package var openIntents = 0
    /// The number of uses of approvals whose call, votes and people were checked.
    package var approvalUses = 0
    /// One sentence per record that could not be checked, because earlier records or another log would be needed.
    package var unchecked: [String] = []
    /// The number of stored payloads that were hashed; 0 unless `payloads` is requested.
    package var payloads = 0
    package var erasedPayloads = 0
    /// The number of entries whose hash alone was checked, because their bundles were pruned.
    package var prunedEntries: UInt64 = 0
    /// The old checkpoints that the log extends, in order of size.
    package var extended: [Extended] = []
    /// The number of witnesses that cosigned the published checkpoint.
    package var cosignatures = 0
    package var hasQuorum = false
    /// Record types that this version does not know, with their counts.
    package var unknownTypes: [String: Int] = [:]
    /// One sentence per fault; empty if the log verifies.
    package var faults: [String] = []
    package var warnings: [String] = []

    package var isGood: Bool { faults.isEmpty }
    /// True if an old checkpoint was given and a quorum of witnesses was required. Without both, a holder of the log's
    /// key could have written another history.
    package var isAnchored: Bool { !extended.isEmpty && hasQuorum }

    package struct Extended: Sendable, Equatable {
        package let name: String
        package let size: UInt64
    }

    static let maximumFaults = 100

    mutating func fault(_ text: String) {
        if faults.count < Self.maximumFaults { faults.append(text) }
    }

    /// Counts an unknown type. After a hundred distinct types, further ones are counted together.
    mutating func countUnknown(_ type: String) {
        let isListed = unknownTypes[type] != nil || unknownTypes.count < Self.maximumFaults
        unknownTypes[isListed ? type : "(other types)", default: 0] += 1
    }

    var isFull: Bool { faults.count >= Self.maximumFaults }
}
