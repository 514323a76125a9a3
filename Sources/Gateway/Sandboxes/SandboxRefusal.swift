package import InterlockModel
package import InterlockPolicy

/// The reason why a sandboxed run was not begun, or is not known.
package enum SandboxRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownAgent(AgentName)
    case noOwner(AgentName)
    /// The review of the agent is more than 14 days late.
    case overdue(AgentName)
    case halted
    /// The agent has tier high, and no purpose was declared.
    case noPurpose(AgentName)
    /// The agent has tasks and the purpose is not one of them, or it is a task of another agent.
    case unknownTask(UnknownTask)
    /// The command line adds to the sandbox what the policy does not let it add.
    case notWidened(AgentName)
    /// The run would have less isolation than the policy in force requires of the agent.
    case belowMinimum(AgentName)
    /// The run is exploratory, and would hold or use a secret of production: its part of the sandbox.
    case productionSecret(AgentName, String)
    /// No result of evals that counts covers the agent.
    case evals(AgentName, EvalFact)
    /// The supervisor compiled another policy than the one in force.
    case otherPolicy
    case tooMany
    /// The code of the log's refusal.
    case notRecorded(String)
    case notStored(String)
    case noSuchRun
    /// No run of this gateway that has ended has this id.
    case noWorkspace
    /// The run has not ended, or its end is not on record yet.
    case notOver
    /// Changes with a flag were approved by no person.
    case unapproved
    /// People have not decided the deferred call, or cannot any longer.
    case undecided
    /// No file below the folder counts as untrusted.
    case notTainted

    package var description: String {
        switch self {
        case .unknownAgent(let agent): "the policy in force has no agent `\(agent)`"
        case .noOwner(let agent): "agent `\(agent)` has no owner"
        case .overdue(let agent): "the review of agent `\(agent)` is overdue"
        case .halted: "the agent is halted"
        case .noPurpose(let agent): "agent `\(agent)` has tier high: a run of it needs a purpose"
        case .unknownTask(let unknown): "\(unknown)"
        case .notWidened(let agent):
            "the policy does not let a command line add this to the sandbox of `\(agent)`"
        case .belowMinimum(let agent):
            "the policy requires more isolation of the runs of agent `\(agent)`"
        case .productionSecret(let agent, let part):
            "an exploratory run of agent `\(agent)` has no production secret, and \(part) is one"
        case .evals(let agent, let fact):
            "the change gate refuses agent `\(agent)`: \(fact.reason ?? fact.rawValue)"
        case .otherPolicy: "the policy on disk is not the policy in force"
        case .tooMany: "too many sandboxed runs are under way"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        case .notStored(let reason): "the folder of the run cannot be used: \(reason)"
        case .noSuchRun: "no such sandboxed run is under way"
        case .noWorkspace: "no such sandboxed run has a folder here"
        case .notOver: "the run is not over"
        case .unapproved: "changes with a flag need a signed approval"
        case .notTainted: "no run with untrusted content wrote to this folder or below it"
        case .undecided: "people have not decided the call that the session waits for"
        }
    }
}
