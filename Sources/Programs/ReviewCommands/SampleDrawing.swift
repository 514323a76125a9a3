package import InterlockCommandLine
import InterlockCredentials
import InterlockLedger
package import InterlockLogReading
package import InterlockModel
package import InterlockReview
import InterlockStore

/// The sample of a review, drawn from the records of a log below one signed checkpoint.
package struct SampleDrawing: Sendable {
    package let sample: ReviewSample
    /// The approvals in the sample by who gave them.
    package let approvals: [Pseudonym: Int]
    /// The items of the part `drift`, without outcomes.
    package let drift: [DriftItem]

    /// Draws a sample at the newest checkpoint: the published one if the deployment has witnesses.
    ///
    /// - Parameters:
    ///   - servers: those whose drift counts; nil for all.
    ///   - isGoing: returns false to give up.
    /// - Throws: exit 75 if no record below the checkpoint is of after the period, 65 if the records are not those of the
    ///   checkpoint.
    package init(
        scope: ReviewScope, period: ReviewPeriod, agents: [SampledAgent],
        senders: Set<ToolAddress>, servers: Set<ServerName>? = nil, random: [UInt8],
        in log: AuditLog, counting progress: Progress? = nil, while isGoing: () -> Bool = { true }
    ) throws {
        let newest = Self.newest(try ProvedLog(log))
        let checkpoint = SampleCheckpoint(
            origin: newest.origin, size: newest.size, root: newest.root)
        let records = SampleRecords(
            scope: scope, period: period, agents: agents, senders: senders, servers: servers,
            random: random, checkpoint: checkpoint)
        try self.init(records, in: log, counting: progress, while: isGoing)
    }

    /// True if the checkpoint of a sample that is drawn now covers a record of after the period.
    package static func isCovered(_ period: ReviewPeriod, in log: AuditLog) throws -> Bool {
        var proved = try ProvedLog(log)
        let size = newest(proved).size
        guard size > 0, let last = try proved.record(at: size - 1) else { return false }
        return last.record.time.map { $0 >= period.end } ?? false
    }

    private static func newest(_ proved: ProvedLog) -> Checkpoint {
        proved.log.witnesses == nil ? proved.checkpoint : proved.publishedCheckpoint
    }

    /// Draws a sample again.
    ///
    /// - Throws: exit 65 if its checkpoint is not one of this log.
    package init(
        again sample: ReviewSample, in log: AuditLog, counting progress: Progress? = nil
    ) throws {
        var proved = try ProvedLog(log)
        guard sample.checkpoint.size <= proved.size,
            try proved.root(at: sample.checkpoint.size) == sample.checkpoint.root
        else { throw Failure(.data, "the sample is of another log, or of one that was changed") }
        let records = SampleRecords(
            scope: sample.scope, period: sample.period, agents: sample.agents,
            senders: Set(sample.senders), servers: nil, random: sample.random,
            checkpoint: sample.checkpoint)
        try self.init(records, in: log, counting: progress) { true }
    }

    private init(
        _ wanted: SampleRecords, in log: AuditLog, counting progress: Progress?,
        while isGoing: () -> Bool
    ) throws {
        let hashing = OpenSSLHashing()
        guard
            let seed = SampleSeed(root: wanted.checkpoint.root, random: wanted.random, hashing)
        else { throw Failure(.data, "the seed of the sample does not have 32 random bytes") }
        var population = ReviewPopulation(
            scope: wanted.scope, period: wanted.period, seed: seed, agents: wanted.agents,
            senders: wanted.senders, hashing: hashing)
        var drift = DriftCollector(
            scope: wanted.scope, period: wanted.period, servers: wanted.servers)
        let scan = try CheckpointScan(
            log, size: wanted.checkpoint.size, root: wanted.checkpoint.root)
        var last: LedgerEntry?
        try scan.run(counting: progress, while: isGoing) { entry in
            let type = population.add(entry.leaf, index: entry.index)
            if let type, DriftCollector.types.contains(type) { drift.add(entry.leaf) }
            last = entry
        }
        guard let end = last?.record?.time, end >= wanted.period.end else {
            throw Failure(
                .tryAgain, "the log has no checkpoint of after the end of the period yet",
                help: "a checkpoint follows the next record")
        }
        let drawn: (sample: ReviewSample, approvals: [Pseudonym: Int])
        do throws(SampleFault) {
            drawn = try population.draw(checkpoint: wanted.checkpoint, random: wanted.random)
        } catch { throw Failure(.data, error.text) }
        sample = drawn.sample
        approvals = drawn.approvals
        self.drift = drift.items
    }
}

/// The records that a sample is drawn from, and its seed.
private struct SampleRecords {
    let scope: ReviewScope
    let period: ReviewPeriod
    let agents: [SampledAgent]
    let senders: Set<ToolAddress>
    let servers: Set<ServerName>?
    let random: [UInt8]
    let checkpoint: SampleCheckpoint
}
