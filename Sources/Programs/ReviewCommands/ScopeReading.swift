import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockReview
import InterlockStore

/// The use of scopes and the drift of tools, read from a log below its newest checkpoint.
struct ScopeReading {
    /// The use in the period of the review.
    let use: ScopeUse
    /// The use in the window in which tools without use are retired.
    let window: ScopeUse
    let drift: [DriftItem]
    /// The records that were read.
    let count: Int

    /// - Throws: exit 65 if the records are not those of the checkpoint.
    init(
        of scope: ReviewScope, _ period: ReviewPeriod, policy: Digest, tools: [GrantedTool],
        in log: AuditLog, counting progress: Progress?, while isGoing: () -> Bool = { true }
    ) throws {
        let scan = try CheckpointScan(ProvedLog(log))
        var source = LogArguments(log: log)
        var use = ScopeUseCollector(period: period, policy: policy, tools: tools)
        let wide = RetireProposal.window(of: period)
        var window = ScopeUseCollector(period: wide, policy: policy, tools: tools)
        let servers = scope.agent == nil ? nil : Set(tools.map(\.tool.server))
        var drift = DriftCollector(scope: scope, period: period, servers: servers)
        var count = 0
        try scan.run(counting: progress, while: isGoing) { entry in
            use.add(entry.leaf, from: &source)
            if wide != period { window.add(entry.leaf, from: &source) }
            drift.add(entry.leaf)
            count += 1
        }
        self.use = use.use
        self.window = wide == period ? use.use : window.use
        self.drift = drift.items
        self.count = count
    }
}

/// The arguments of calls in the payloads of a log.
private struct LogArguments: ArgumentSource {
    let log: AuditLog

    func arguments(of record: StoredRecord) -> JSONValue? {
        (try? log.payload("args", of: record))?.json
    }
}
