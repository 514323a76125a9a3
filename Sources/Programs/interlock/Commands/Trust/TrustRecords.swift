import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockTrust
import InterlockTrustCommands

/// The runs of a log and the policy of its deployment, for the commands of trust.
struct TrustRecords {
    let log: AuditLog
    /// One for each agent that is asked about, by name.
    let reports: [TrustReport]
    /// The checkpoint up to which the log was read.
    let checkpoint: Checkpoint

    /// Reads the log, and checks it against its newest checkpoint.
    ///
    /// - Parameter usesCache: whether runs are taken from the cache of the gateway, if there is one of this log, and only
    ///   what follows it is read.
    /// - Throws: exit 65 if the records are not those of the checkpoint, or the policy or the criteria cannot be read;
    ///   66 if the policy does not have the agent, or there is no log.
    init(_ invocation: Invocation, usesCache: Bool) throws {
        let log = try AuditLog(invocation)
        guard let deployment = log.deployment else {
            throw Failure(
                .usage, "the deployment's policy is needed: `--log` alone does not have it",
                help: "--dir DIR")
        }
        if usesCache { CollectedRunsFile.prepare(deployment) }
        let policy = try RevisionSource(path: deployment.policy).served().1.snapshot
        let file = try CriteriaFile(beside: deployment.policy)
        let agents: [AgentName]
        if let name = invocation.positional.first {
            agents = [try PolicyInput.agent(name, in: policy)]
        } else {
            agents = policy.agents.keys.sorted()
        }
        let keys = try? PersonSigner.trustFile(of: deployment)
        let subjects = RunCollection.Subjects(agents, policy, file.criteria)
        let proved = try ProvedLog(log)
        let reading = RunCollection.Reading(showsProgress: true)
        let cached =
            usesCache
            ? try CollectedRunsFile(deployment)?.continued(subjects, in: proved, reading) : nil
        self.init(
            try cached ?? RunCollection(of: subjects, in: proved, reading), of: agents, policy,
            file, in: log, at: SystemClock().now.wall,
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
        while isGoing: @escaping () -> Bool, status: (AgentName) -> StageStatus,
        known: (AgentName) -> AgentFacts
    ) throws {
        let agents = agent.map { [$0] } ?? policy.agents.keys.sorted()
        let file = CriteriaFile(inForce: criteria)
        var demotions: [AgentName: Timestamp] = [:]
        for agent in agents { demotions[agent] = status(agent).creditStart }
        let collection = try RunCollection(
            of: RunCollection.Subjects(agents, policy, file.criteria), demotions: demotions,
            undone: undone, in: ProvedLog(log), RunCollection.Reading(isGoing: isGoing))
        self.init(
            collection, of: agents, policy, file, in: log, at: now, status: { status($0) },
            known: known)
    }

    private init(
        _ collection: RunCollection, of agents: [AgentName], _ policy: PolicySnapshot,
        _ file: CriteriaFile, in log: AuditLog, at now: Timestamp,
        status: (AgentName) -> StageStatus? = { _ in nil }, known: (AgentName) -> AgentFacts
    ) {
        self.log = log
        let runs = collection.runs
        checkpoint = collection.checkpoint
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
}
