import InterlockModel
import InterlockPolicy

extension Decision {
    /// The call that would be permitted instead of a denied one, in words for a model (docs/specs/mcp.md, section 7): the
    /// condition of the one rule that decided if it is about the arguments alone, and no other part of the policy.
    ///
    /// - Returns: nil if the reason says all, or if the caller is not to know.
    var permitted: String? {
        switch reason {
        case .guardFalse:
            condition.map { "it is permitted where \($0)" }
                ?? "the tool is permitted under a condition that this call does not meet"
        case .forbid:
            condition.map { "it is forbidden where \($0)" }
                ?? "a rule of the policy forbids it; ask the agent's owner"
        case .controls:
            "calls with such effects are permitted to no agent at this tier and stage; ask the agent's owner"
        case .observe:
            "the agent only observes for now: nothing that it calls is sent, whatever the arguments"
        case .incomplete:
            "the policy is incomplete for this agent: nothing is sent until its owner completes it"
        case .hours: "the agent may act within its hours only; repeat the call then"
        case .reviewOverdue: "the agent's review is overdue: its owner has to review it"
        case .noPurpose:
            "a run of this tier has to declare a purpose; ask for a token with `--purpose`"
        case .noApprovers:
            "people would have to approve it, and too few of them can; ask the agent's owner"
        case .quarantined:
            "the tool is withheld since it is not as it was reviewed; a person must review it"
        case .taintDenied:
            "this run has read a marker of an injection, or content that was not searched, and the policy denies such calls after that; tell the person"
        case .evalMissing: EvalFact.missing.remedy
        case .evalFailed: EvalFact.failed.remedy
        case .evalStale: EvalFact.stale.remedy
        case .evalUnsigned: EvalFact.unsigned.remedy
        case .evalThin: EvalFact.thin.remedy
        case .evalUnproven: EvalFact.unproven.remedy
        case .outOfTask:
            "this run is for one task, and the tool is not among those of the task; do without it, or tell the person"
        case .noGrant, .unlistedTool, .unknownAgent, .noPolicy, .halted, .limit, .approvalRequired,
            .alarmApproval, .taintApproval, .brokeredValue, .canary, .secretInArguments,
            .piiInArguments, .scanFailed, .undecodable:
            nil
        }
    }
}

extension EvalFact {
    /// The step that lets the agent be served again, in words for a model; nil if it is served.
    var remedy: String? {
        let run = "its owner has to run `interlock eval run` and submit the result"
        return switch self {
        case .passed: nil
        case .missing: "no result of its evals covers the agent as it is now; \(run)"
        case .failed: "the newest result of its evals does not say that the agent passes; \(run)"
        case .stale: "the result of its evals is too old; \(run)"
        case .unsigned:
            "no key that counts signed the result of its evals; a signer of the policy has to run `interlock eval run`"
        case .thin:
            "its suite of evals is too thin for the agent's tier; its owner has to complete it, see `interlock eval lint`"
        case .unproven:
            "nothing proves the prompt, skills and model of this run as the agent's tier demands; start it by `interlock run`"
        }
    }
}
