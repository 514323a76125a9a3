package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// The configuration of one node's log. Sizes are in bytes.
package struct LedgerConfiguration: Sendable {
    /// `state/ledger`; created by `WriteAheadLog.create`.
    package var directory: String
    /// `state/payloads`: the folder of the packs.
    package var payloads: String
    /// The path of a second copy of the last published checkpoint, preferably on another medium.
    package var guardFile: String
    /// `<deployment domain>/<node>/<epoch>`: the name of the log and of its key.
    package var origin: String
    package var node: String
    /// Returns the SHA-256 of the gateway's build. Evaluated only when it is recorded: hashing a program of tens of
    /// megabytes takes as long as reading a log back, and a start does both at once.
    package var build: @Sendable () throws(LedgerFailure) -> Digest
    /// The full boot id; records carry its first 8 hex digits.
    package var bootID: String

    package var segmentBytes = 64 << 20
    package var reserveBytes = 64 << 20
    /// Free space below which `log.full` warns (soft), and below which no permits are recorded (hard). The larger of
    /// bytes and percentage applies.
    package var softMark = Watermark(bytes: 5 << 30, percent: 10)
    package var hardMark = Watermark(bytes: 1 << 30, percent: 2)
    /// The interval of publication, 1 to 60 s.
    package var beat: Duration = .seconds(10)
    /// A commit that takes longer is reported as `audit.timeout`.
    package var commitLimit: Duration = .seconds(5)
    /// Accepts a missing guard file, once.
    package var guardLost = false
    /// Skips the check of the file system, for tests and for containers whose volumes the operator is responsible for.
    package var allowAnyFilesystem = false
    /// Requests cosignatures: takes a signed checkpoint and returns it with the cosignatures it got. Called on the
    /// publisher's thread before a checkpoint is published; may take `times.quorum`.
    package var cosign: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// Receives one sentence for the operator about an operation that will be retried.
    package var warn: @Sendable (String) -> Void = InterlockStore.warn
    package var disk = DiskOperations.system
    /// Called with true when the publisher starts to read the durable records, and with false when it is done. In
    /// between, a newer checkpoint must not be shown to a witness, which could then no longer cosign the published one.
    package var publishing: @Sendable (Bool) -> Void = { _ in }
    /// Returns the seconds since a quorum of witnesses last cosigned, or nil if none has.
    package var quorumAgeSeconds: @Sendable () -> Int64? = { nil }
    /// Returns the newest entry of the control chain that the node has applied, for `log.tick`; nil on one node.
    package var chainHead: @Sendable () -> ChainReference? = { nil }
    /// Checks the newest durable checkpoint before the start writes a record; throws to refuse the start.
    package var examine: (@Sendable ([UInt8]) throws(LedgerFailure) -> Void)?
    /// Called when the log's lock is held, before anything is read or signed; throws to refuse the start.
    package var locked: (@Sendable () throws(LedgerFailure) -> Void)?
    /// Is notified of every record that became durable.
    package var follower: (any DurableFollower)?
    /// Called on the sequencer's thread with a closure that resumes all waiters of one frame; must call it. Allows them
    /// to be resumed together.
    package var answering: @Sendable (_ answers: () -> Void) -> Void = { $0() }
    /// Called with the reason when a flush failed. What is durable is then unknown, so the process must not continue.
    package var onFatal: @Sendable (String) -> Never = endProcess

    /// Returns true if a segment or the reserve can have this size: whole pages, at least 1 MiB.
    package static func isSegmentSize(_ bytes: Int) -> Bool {
        bytes >= Segment.minimumBytes && bytes % Frame.alignment == 0
    }

    package struct Watermark: Sendable, Hashable {
        package var bytes: Int
        package var percent: Int
        package init(bytes: Int, percent: Int) {
            self.bytes = bytes
            self.percent = percent
        }
    }

    package init(
        directory: String, payloads: String, guardFile: String, origin: String, node: String,
        build: @escaping @Sendable () throws(LedgerFailure) -> Digest, bootID: String
    ) {
        self.directory = directory
        self.payloads = payloads
        self.guardFile = guardFile
        self.origin = origin
        self.node = node
        self.build = build
        self.bootID = bootID
    }

    var wal: String { directory + "/wal" }
    package var log: String { directory + "/log" }
    var checkpointFile: String { log + "/checkpoint" }
    var headsFile: String { directory + "/heads" }
    /// The newest frame as it was before a signer of another process signed it.
    var unsignedFile: String { directory + "/unsigned" }
    var lockFile: String { Self.lockFile(in: directory) }

    static func lockFile(in directory: String) -> String { directory + "/lock" }
}

/// The dependencies that are injected into the log.
package struct LedgerTools: Sendable {
    package let hashing: any Hashing
    package let signer: any NoteSigner
    /// The previous key, which signs together with `signer` during an overlap, or nil.
    package let former: FormerSigner?
    /// Keys before those. They no longer sign, and their signatures on new heads are not accepted.
    package let earlier: [PublicKey]
    package let verifier: any SignatureVerifier
    package let clock: any Clock
    /// The process that signs in place of `signer` and `former`, of which only the public keys are used then. Is nil if
    /// this process holds the keys.
    package let remote: (any LogSigner)?

    package init(
        hashing: any Hashing, signer: any NoteSigner, verifier: any SignatureVerifier,
        clock: any Clock, former: FormerSigner? = nil, earlier: [PublicKey] = [],
        remote: (any LogSigner)? = nil
    ) {
        self.hashing = hashing
        self.signer = signer
        self.former = former
        self.earlier = earlier
        self.verifier = verifier
        self.clock = clock
        self.remote = remote
    }
}
