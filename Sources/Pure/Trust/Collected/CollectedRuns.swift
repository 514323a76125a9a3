package import InterlockLedger
package import InterlockModel

/// The runs of a log up to one of its checkpoints, as a file can keep them: a cache, never evidence. It is used if this
/// deployment wrote it, on the same basis, and if its root is that of the log at its size; the rest of the log is read.
///
/// INVARIANT: runs that were restored and continued are those of a reading of the whole log. Kept by
/// `CollectedRunsTests`.
package struct CollectedRuns: Sendable {
    package let runs: RunCollector
    /// The first records of the log, up to which the runs were collected.
    package let range: CompactRange
    /// The time at which the whole log was read last.
    package let counted: Timestamp
    /// The first record of each policy that was in force.
    package let policies: [StoredRecord]

    /// Computes the code of bytes under a secret of the deployment.
    package typealias Code = (_ bytes: [UInt8]) -> Digest

    /// The largest file, in bytes.
    package static let maximumBytes = 256 << 20
    private static let magic = Array("interlock/collected-runs/1\n".utf8)
    private static let codeBytes = 32

    package init(
        _ runs: RunCollector, upTo range: CompactRange, counted: Timestamp,
        policies: [StoredRecord]
    ) {
        self.runs = runs
        self.range = range
        self.counted = counted
        self.policies = policies
    }

    /// - Parameter basis: the digest of what the runs were collected by.
    package func encoded(basis: Digest, code: Code) -> [UInt8] {
        var state = StateWriter()
        state.add(basis)
        state.add(counted)
        state.add(range.size)
        state.add(each: range.peaks)
        state.add(each: policies) { $0.add($1) }
        runs.append(to: &state)
        let bytes = Self.magic + state.bytes
        return bytes + code(bytes).bytes
    }

    /// Restores the runs of some agents.
    ///
    /// - Parameters:
    ///   - basis: the digest of what the reader would collect them by.
    ///   - agents: those, with the servers that the policy lets each one use.
    package init(
        parsing bytes: [UInt8], basis: Digest, of agents: [AgentName: Set<ServerName>],
        under criteria: TrustCriteria, code: Code
    ) throws(CollectedRunsFault) {
        let end = bytes.count - Self.codeBytes
        guard bytes.count <= Self.maximumBytes, end >= Self.magic.count,
            bytes.starts(with: Self.magic)
        else { throw .malformed }
        guard Digest(bytes: bytes[end...]) == code(Array(bytes[..<end])) else {
            throw .unauthentic
        }
        var state = StateReader(bytes, in: Self.magic.count..<end)
        guard try state.digest() == basis else { throw .otherBasis }
        counted = try state.time()
        let size = try state.unsigned()
        guard let range = CompactRange(size: size, peaks: try state.digests()) else {
            throw .malformed
        }
        self.range = range
        var policies: [StoredRecord] = []
        for _ in try 0..<state.count() { policies.append(try state.record()) }
        self.policies = policies
        runs = try RunCollector(&state, of: agents, under: criteria)
        guard state.isAtEnd else { throw .malformed }
    }

    /// Compares the records that were read with those of the log.
    ///
    /// - Parameters:
    ///   - first: the oldest record of the log that was not pruned.
    ///   - size: that of the log's newest checkpoint.
    ///   - root: returns the root of so many first records of the log; nil if it is not known.
    /// - Throws: `otherLog` if they differ, also if the log is shorter or was pruned since.
    package func check(
        first: UInt64, size: UInt64, _ tree: TreeHash, root: (UInt64) -> Digest?
    ) throws(CollectedRunsFault) {
        guard runs.first == first, range.size >= first, range.size <= size,
            range.size - first == UInt64(runs.position), root(range.size) == range.root(tree)
        else { throw .otherLog }
    }

    /// Checks the time at which the whole log was read: what payloads and policies say may be gone since without a record.
    ///
    /// - Throws: `outdated`, also for a time after `now`.
    package func check(at now: Timestamp) throws(CollectedRunsFault) {
        guard counted <= now, counted > now - CollectedRunsUpkeep.oldest else { throw .outdated }
    }

    /// Checks a record that follows those that were read.
    ///
    /// - Throws: `erasedSince` if it says that payloads were erased: a run's task, the files that it began with or a policy
    ///   may have been read from one of them.
    package static func check(later record: StoredRecord) throws(CollectedRunsFault) {
        guard record.type != RecordType.payloadErased.rawValue else { throw .erasedSince }
    }
}
