package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// How one node's log is kept. Sizes are bytes.
package struct LedgerConfiguration: Sendable {
    /// `state/ledger`; made by `WriteAheadLog.create`.
    package var directory: String
    /// Where payloads above 64 KiB are packed: `state/payloads`.
    package var payloads: String
    /// The last published checkpoint, better on another medium.
    package var guardFile: String
    /// `<deployment domain>/<node>/<epoch>`: the name of the log and of its key.
    package var origin: String
    package var node: String
    /// SHA-256 of the gateway's build. Asked for when it is recorded: measuring a program of tens of megabytes
    /// takes as long as reading a log back, and a start does both at once.
    package var build: @Sendable () throws(LedgerFailure) -> Digest
    /// The whole boot id; records carry its first 8 hex digits.
    package var bootID: String

    package var segmentBytes = 64 << 20
    package var reserveBytes = 64 << 20
    /// Free room below which `log.full` warns, and below which nothing more is permitted. The larger
    /// of the bytes and the percentage counts.
    package var softMark = Watermark(bytes: 5 << 30, percent: 10)
    package var hardMark = Watermark(bytes: 1 << 30, percent: 2)
    /// 1 to 60 s.
    package var beat: Duration = .seconds(10)
    /// A commit that takes longer is reported as `audit.timeout`.
    package var commitLimit: Duration = .seconds(5)
    /// Accepts that the guard is gone, once.
    package var guardLost = false
    /// For tests and for containers whose volumes the operator vouches for.
    package var allowAnyFilesystem = false
    /// Asks the witnesses: a signed checkpoint in, the same with cosignatures out. Called on the
    /// publisher's own thread before a checkpoint is published, and may take `times.quorum`.
    package var cosign: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// Called with one sentence for the operator about something that is tried again.
    package var warn: @Sendable (String) -> Void = InterlockStore.warn
    package var disk = DiskOperations.system
    /// Told when the publisher begins to take up what is durable, and when it is done. In between no
    /// newer checkpoint should be shown to a witness: it could not cosign the published one any more.
    package var publishing: @Sendable (Bool) -> Void = { _ in }
    /// Since a quorum of witnesses last cosigned; nil when none has.
    package var quorumAgeSeconds: @Sendable () -> Int64? = { nil }
    /// Judges the newest durable checkpoint that was found, before the start writes a record. Throws to
    /// refuse the start.
    package var examine: (@Sendable ([UInt8]) throws(LedgerFailure) -> Void)?
    /// Hears of every record that became durable.
    package var follower: (any DurableFollower)?
    /// Called on the sequencer's thread with what answers all who waited for one frame, and calls that: so they can be
    /// woken together.
    package var answering: @Sendable (_ answers: () -> Void) -> Void = { $0() }
    /// Called with the reason when a flush failed: what is durable is no longer known, so nothing may
    /// go on in this process.
    package var onFatal: @Sendable (String) -> Never = endProcess

    /// Whether a write-ahead segment, or the reserve, can be of that size: whole pages, at least 1 MiB.
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
    var log: String { directory + "/log" }
    var checkpointFile: String { log + "/checkpoint" }
    var headsFile: String { directory + "/heads" }
    var lockFile: String { directory + "/lock" }
}

/// What the log needs from elsewhere.
package struct LedgerTools: Sendable {
    package let hashing: any Hashing
    package let signer: any NoteSigner
    /// Signs beside `signer` for a while; nil outside of an overlap.
    package let former: FormerSigner?
    /// Keys before those. They sign nothing, and nothing new under them counts.
    package let earlier: [PublicKey]
    package let verifier: any SignatureVerifier
    package let clock: any Clock

    package init(
        hashing: any Hashing, signer: any NoteSigner, verifier: any SignatureVerifier,
        clock: any Clock, former: FormerSigner? = nil, earlier: [PublicKey] = []
    ) {
        self.hashing = hashing
        self.signer = signer
        self.former = former
        self.earlier = earlier
        self.verifier = verifier
        self.clock = clock
    }
}
