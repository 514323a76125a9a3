import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockStore
import InterlockTrust
import InterlockTrustCommands

/// The runs of a log and the policy of its deployment, for the commands of trust.
struct TrustRecords {
    let log: AuditLog
    /// One for each agent that is asked about, by name.
    let reports: [TrustReport]
    /// The checkpoint up to which the log was read.
    let checkpoint: Checkpoint

    /// Reads the whole log, and checks it against its newest checkpoint.
    ///
    /// - Throws: exit 65 if the records are not those of the checkpoint, or the policy or the criteria cannot be read;
    ///   66 if the policy does not have the agent, or there is no log.
    init(_ invocation: Invocation) throws {
        let log = try AuditLog(invocation)
        guard let deployment = log.deployment else {
            throw Failure(
                .usage, "the deployment's policy is needed: `--log` alone does not have it",
                help: "--dir DIR")
        }
        let policy = try RevisionSource(path: deployment.policy).served().1.snapshot
        let file = try CriteriaFile(beside: deployment.policy)
        let agents: [AgentName]
        if let name = invocation.positional.first {
            agents = [try PolicyInput.agent(name, in: policy)]
        } else {
            agents = policy.agents.keys.sorted()
        }
        let progress = log.progress()
        defer { progress.end() }
        let keys = try? PersonSigner.trustFile(of: deployment)
        try self.init(
            of: agents, policy, file, in: log, at: SystemClock().now.wall, progress: progress,
            known: { agent in
                AgentFacts(
                    owner: policy.agents[agent]?.owner.flatMap { keys?.person($0)?.pseudonym })
            })
    }

    /// The records of all agents of a policy, for the gateway that writes the log.
    ///
    /// - Parameters:
    ///   - criteria: those in force; nil if there are none.
    ///   - isGoing: returns false to give up.
    ///   - agent: the only one that is read; nil for all.
    ///   - undone: the time after which demotions take no credit; nil if each one does.
    ///   - status: returns the stage at which an agent is served, with what it rests on.
    ///   - known: returns the facts that the log does not have.
    init(
        serving log: AuditLog, _ policy: PolicySnapshot, _ criteria: TrustCriteria?,
        of agent: AgentName? = nil, undone: Timestamp? = nil, at now: Timestamp,
        while isGoing: () -> Bool, status: (AgentName) -> StageStatus,
        known: (AgentName) -> AgentFacts
    ) throws {
        try self.init(
            of: agent.map { [$0] } ?? policy.agents.keys.sorted(), policy,
            CriteriaFile(inForce: criteria), in: log, undone: undone, at: now, progress: nil,
            while: isGoing, status: status, known: known)
    }

    private init(
        of agents: [AgentName], _ policy: PolicySnapshot, _ file: CriteriaFile,
        in log: AuditLog, undone: Timestamp? = nil, at now: Timestamp, progress: Progress?,
        while isGoing: () -> Bool = { true }, status: (AgentName) -> StageStatus? = { _ in nil },
        known: (AgentName) -> AgentFacts
    ) throws {
        self.log = log
        var demotions: [AgentName: Timestamp] = [:]
        for agent in agents { demotions[agent] = status(agent)?.creditStart }
        let (runs, checkpoint) = try Self.runs(
            of: agents, policy, file.criteria, demotions, undone, in: log, progress, while: isGoing)
        self.checkpoint = checkpoint
        reports = agents.compactMap { agent -> TrustReport? in
            guard let history = runs.agents[agent],
                let terms = policy.terms(
                    of: agent,
                    .record(
                        TrustReport.earned(by: history, file, at: now).assignment,
                        isFounding: false))
            else { return nil }
            return TrustReport(
                of: agent, history, in: runs, terms, drillEvery: policy.drillEvery, file, at: now,
                stage: status(agent)?.stage, known: known(agent))
        }
    }

    /// - Parameter isGoing: returns false to give up.
    private static func runs(
        of agents: [AgentName], _ policy: PolicySnapshot, _ criteria: TrustCriteria,
        _ demotions: [AgentName: Timestamp], _ undone: Timestamp?, in log: AuditLog,
        _ progress: Progress?,
        while isGoing: () -> Bool
    ) throws -> (runs: RunCollector, checkpoint: Checkpoint) {
        var servers: [AgentName: Set<ServerName>] = [:]
        for agent in agents {
            servers[agent] = Set(policy.scopedTools(of: agent).map(\.server))
        }
        var source = LogRunSource(log, policy)
        let proved = try ProvedLog(log)
        let scan = try CheckpointScan(proved)
        var runs = RunCollector(
            servers, under: criteria, demotions: demotions,
            undone: undone.map { time in servers.mapValues { _ in time } } ?? [:],
            first: scan.first)
        try scan.run(counting: progress, while: isGoing) { entry in
            guard let record = entry.record else {
                throw Failure(.data, "record \(entry.index) is in no canonical form")
            }
            source.note(record)
            runs.add(record, hash: entry.leaf.hash, from: &source)
        }
        return (runs, proved.checkpoint)
    }
}
