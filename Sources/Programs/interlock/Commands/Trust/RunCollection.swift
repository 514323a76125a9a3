import InterlockCommandLine
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockStore
import InterlockTrust

/// The runs of agents as the records of a log up to its newest checkpoint show them.
struct RunCollection {
    private(set) var runs: RunCollector
    private(set) var source: LogRunSource
    let checkpoint: Checkpoint
    /// The tree of the checkpoint.
    private(set) var range: CompactRange
    /// The time at which the whole log was read last; nil if this reading was of all of it.
    let counted: Timestamp?

    /// The agents that are followed, and how they are.
    struct Subjects {
        /// The agents, with the servers that the policy lets each one use.
        let servers: [AgentName: Set<ServerName>]
        let policy: PolicySnapshot
        let criteria: TrustCriteria

        init(_ agents: [AgentName], _ policy: PolicySnapshot, _ criteria: TrustCriteria) {
            var servers: [AgentName: Set<ServerName>] = [:]
            for agent in agents {
                servers[agent] = Set(policy.scopedTools(of: agent).map(\.server))
            }
            self.servers = servers
            self.policy = policy
            self.criteria = criteria
        }
    }

    /// The reading of a log by a caller who may give up.
    struct Reading {
        /// If true, a terminal shows how far it is.
        var showsProgress = false
        /// Returns false to give up.
        var isGoing: () -> Bool = { true }
    }

    /// Reads the whole log.
    ///
    /// - Parameters:
    ///   - demotions: the last demotion of each agent, if another source than the log has it.
    ///   - undone: the time after which demotions take no credit; nil if each one does.
    /// - Throws: exit 65 if the records are not those of the checkpoint; a `CancellationError` if it gave up.
    init(
        of subjects: Subjects, demotions: [AgentName: Timestamp] = [:], undone: Timestamp? = nil,
        in proved: ProvedLog, _ reading: Reading
    ) throws {
        let scan = try CheckpointScan(proved)
        let runs = RunCollector(
            subjects.servers, under: subjects.criteria, demotions: demotions,
            undone: undone.map { time in subjects.servers.mapValues { _ in time } } ?? [:],
            first: scan.first)
        self.init(runs, LogRunSource(proved.log, subjects.policy), counted: nil, proved)
        try read(scan, proved.log, reading) { _ in }
    }

    /// Reads what follows a cache.
    ///
    /// - Throws: `erasedSince` if a payload was erased behind the cache; else as the other one.
    init(
        behind known: CollectedRuns, of subjects: Subjects, in proved: ProvedLog,
        _ reading: Reading
    ) throws {
        var source = LogRunSource(proved.log, subjects.policy)
        for record in known.policies { source.note(record) }
        self.init(known.runs, source, counted: known.counted, proved)
        try read(CheckpointScan(proved, behind: known.range), proved.log, reading) {
            try CollectedRuns.check(later: $0)
        }
    }

    private init(
        _ runs: RunCollector, _ source: LogRunSource, counted: Timestamp?, _ proved: ProvedLog
    ) {
        self.runs = runs
        self.source = source
        checkpoint = proved.checkpoint
        range = CompactRange()
        self.counted = counted
    }

    private mutating func read(
        _ scan: CheckpointScan, _ log: AuditLog, _ reading: Reading,
        _ check: (StoredRecord) throws -> Void
    ) throws {
        let progress = reading.showsProgress ? log.progress(from: scan.first) : nil
        defer { progress?.end() }
        var (runs, source) = (runs, source)
        range = try scan.run(counting: progress, while: reading.isGoing) { entry in
            guard let record = entry.record else {
                throw Failure(.data, "record \(entry.index) is in no canonical form")
            }
            try check(record)
            source.note(record)
            runs.add(record, hash: entry.leaf.hash, from: &source)
        }
        (self.runs, self.source) = (runs, source)
    }
}
