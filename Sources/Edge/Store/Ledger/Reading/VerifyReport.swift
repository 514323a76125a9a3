package import InterlockLedger
package import InterlockModel

/// What a log is to be held against. All of it comes from outside the log.
package struct VerifyRequest: Sendable {
    /// Of the log; those in `trust` count, too.
    package var keys: [VerifierKey]
    package let verifier: any SignatureVerifier
    /// Witnesses, and how many must have cosigned.
    package var trust: TrustPolicy?
    /// Signed checkpoints that were kept elsewhere, with a name for messages: the log must extend them.
    package var oldCheckpoints: [(name: String, note: [UInt8])] = []
    /// The writer's second copy of its newest checkpoint, outside the log's folder.
    package var guardFile: String?
    package var minimumSize: UInt64 = 0
    /// Bundles that hold only records below may be absent: the log was pruned.
    package var minimumIndex: UInt64 = 0
    /// Whether stored payloads are looked for and hashed.
    package var payloads = false
    /// Everything but the content of entries: for a log of another program.
    package var treeOnly = false

    package init(keys: [VerifierKey], verifier: any SignatureVerifier) {
        self.keys = keys
        self.verifier = verifier
    }

    var allKeys: [VerifierKey] { keys + (trust?.logs.map(\.key) ?? []) }
}

/// What `interlock audit verify` found.
package struct VerifyReport: Sendable, Equatable {
    /// Records that were read, those behind the published checkpoint, too.
    package var size: UInt64 = 0
    package var root: Digest
    /// That of the published checkpoint.
    package var published: UInt64 = 0
    /// Signed frames behind the published checkpoint.
    package var frames = 0
    package var runs = 0
    /// Calls without a closing record; a running gateway has some.
    package var openIntents = 0
    /// Stored payloads that were hashed; with `payloads` alone.
    package var payloads = 0
    package var erasedPayloads = 0
    /// Entries whose hash alone was checked: their bundles were pruned.
    package var prunedEntries: UInt64 = 0
    /// Old checkpoints that the log extends, in their order.
    package var extended: [Extended] = []
    /// Witnesses that cosigned the published checkpoint.
    package var cosignatures = 0
    package var hasQuorum = false
    /// Types that this version does not know, with their counts.
    package var unknownTypes: [String: Int] = [:]
    /// One sentence each; empty when the log is what it says.
    package var faults: [String] = []
    package var warnings: [String] = []

    package var isGood: Bool { faults.isEmpty }
    /// Whether an old checkpoint was given and a quorum of witnesses was required: without both,
    /// somebody with the log's key could have written another history.
    package var isAnchored: Bool { !extended.isEmpty && hasQuorum }

    package struct Extended: Sendable, Equatable {
        package let name: String
        package let size: UInt64
    }

    static let maximumFaults = 100

    mutating func fault(_ text: String) {
        if faults.count < Self.maximumFaults { faults.append(text) }
    }

    /// Distinct unknown types beyond a hundred are not told apart.
    mutating func countUnknown(_ type: String) {
        let isListed = unknownTypes[type] != nil || unknownTypes.count < Self.maximumFaults
        unknownTypes[isListed ? type : "(other types)", default: 0] += 1
    }

    var isFull: Bool { faults.count >= Self.maximumFaults }
}
