import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockStore

extension Command {
    static let policySimulate = Command(
        "policy simulate NEW",
        "see what a policy would have decided about the calls that really came",
        example: "interlock policy simulate proposed --since 30d",
        options: Option.logSource + [
            .json,
            Option(
                "--since TIME", "calls from then on: RFC 3339, or how long ago (default: 30d)"),
            .until, .ofAgent,
        ],
        exits: [.no, .second, .data, .notFound, .unavailable, .io],
        notes: """
            Every recorded call is decided again under NEW, with its arguments, its time and the facts of its \
            decision. Exit 0: nothing changes. 1: some calls would have been decided more strictly. 2: some more \
            easily. What agents would have done then is not guessed.
            """
    ) { invocation in
        let policy = try LoadedPolicy.loadWithLock(invocation.positional[0]).snapshot
        if let agent = invocation["agent"] { _ = try Invocation.agentName(agent) }
        let log = try AuditLog(invocation)
        let period = try SimulatedPeriod(invocation, now: SystemClock().now.wall)
        let simulation = try simulate(policy, period, invocation["agent"], log)
        try AuditExport.record(
            kind: .replay, count: simulation.decided, query: invocation.query, from: log)
        for change in simulation.changes { invocation.print(change.json, change.text) }
        invocation.print(simulation.json, simulation.text(days: period.days))
        if simulation.count(.easier) > 0 { return .second }
        return simulation.changes.isEmpty ? .ok : .no
    }
}

/// The time from which calls are taken.
private struct SimulatedPeriod {
    let since: Timestamp
    let until: Timestamp

    init(_ invocation: Invocation, now: Timestamp) throws(Failure) {
        since = try invocation.timestamp("since", before: now) ?? now - .seconds(30 * 86_400)
        until = try invocation.timestamp("until", before: now) ?? now
        guard since < until else { throw Failure(.usage, "`--until` is not after `--since`") }
    }

    var days: Double { Double((until - since).microseconds) / 86_400_000_000 }

    func contains(_ record: StoredRecord) -> Bool {
        record.time.map { since <= $0 && $0 < until } ?? false
    }
}

private func simulate(
    _ policy: PolicySnapshot, _ period: SimulatedPeriod, _ agent: String?, _ log: AuditLog
) throws -> PolicySimulation {
    var simulation = PolicySimulation(policy)
    var replayer = DecisionReplayer(log, other: policy)
    let progress = log.progress()
    defer { progress.end() }
    try log.scan(counting: progress) { entry in
        guard let record = entry.record else { return true }
        let isWanted = period.contains(record) && (agent == nil || record.text("agent") == agent)
        try replayer.simulate(entry, record, in: &simulation, isWanted: isWanted)
        return true
    }
    return simulation
}

extension DecisionReplayer {
    /// Takes a record, and decides its call again if it holds a decision and is wanted.
    mutating func simulate(
        _ entry: LedgerEntry, _ record: StoredRecord, in simulation: inout PolicySimulation,
        isWanted: Bool
    ) throws {
        note(entry, record)
        guard isWanted, record["in"] != nil, let summary = DecisionSummary(leaf: record.object)
        else { return }
        let agent = record.text("agent").flatMap { AgentName($0) }
        switch try input("in", of: record) {
        case .unusable(.erased): simulation.add(.erased, of: agent)
        case .unusable: simulation.add(.gone, of: agent)
        case .opened(let recorded, let arguments):
            let data = policy(of: recorded)?
                .dataObligations(of: recorded.address, for: recorded.agent)
            simulation.add(
                PolicySimulation.Call(
                    id: record.text("call") ?? "", index: entry.index, recorded: recorded,
                    summary: summary, arguments: arguments,
                    isWithheld: !(data?.argumentsDrop ?? []).isEmpty))
        }
    }
}
