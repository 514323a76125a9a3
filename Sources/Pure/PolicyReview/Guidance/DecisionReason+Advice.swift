import InterlockPolicy

extension DecisionReason {
    /// The meaning of a refusal for the agent that gets it, and what it can do, as one line.
    var advice: String {
        switch self {
        case .noPolicy: "No policy is in force. Stop."
        case .halted: "People have stopped this agent. Stop, and end the task."
        case .unknownAgent: "The policy does not have this agent. Stop."
        case .unlistedTool: "The policy does not list the tool. Do without it."
        case .quarantined: "The tool is withheld until people have reviewed it. Do without it."
        case .forbid:
            "A rule forbids the call, and no approval lifts it. Do not look for another way."
        case .noGrant: "The tool is not granted. Do without it, or ask the person for a grant."
        case .guardFalse:
            "The tool is granted, but not with these arguments. Keep to its condition."
        case .reviewOverdue: "The review of this agent is overdue. Tell the person."
        case .hours: "It is outside the hours of this agent. Stop."
        case .limit: "The limit is used up. Call again later, or do with fewer calls."
        case .controls: "The policy denies calls with these effects. Do without it."
        case .approvalRequired:
            "People must approve the call. Make the same call again when they have."
        case .noApprovers: "Too few people can approve the call. Tell the person."
        case .observe: "No call of this agent is carried out yet. Describe what you would do."
        case .incomplete: "The policy of this agent is not complete. Tell the person."
        case .noPurpose: "The run has no purpose. Tell the person to state one."
        case .alarmApproval:
            "An alert made the call need approval. Make the same call again when people have approved it."
        case .canary:
            "The arguments have a value that no one has a reason to use, and people are alerted. Stop."
        case .brokeredValue, .secretInArguments:
            "The arguments have a secret, and no approval lifts this. Call again without it."
        case .piiInArguments:
            "The arguments have the number of a card, an account or a person, or other personal data, where the tool takes none, and no approval lifts this. Call again without it."
        case .scanFailed:
            "The arguments could not be searched for secrets. Call again later, or with less."
        case .undecodable:
            "The arguments have data that are encoded in more than two layers, or larger when decoded than is searched. Send them as plain text, or in parts."
        case .taintApproval:
            "This run has read outside content, or a value of the call is not from the request, so people must approve it. Make the same call again when they have."
        case .taintDenied:
            "This run has read a marker of an injection, or content that was not searched, and the policy denies such calls after that. Tell the person."
        case .evalMissing, .evalFailed, .evalStale, .evalUnsigned, .evalThin, .evalUnproven:
            "No passing evals cover this agent as it is now, so none of its calls is sent. Tell the person."
        case .outOfTask:
            "This run is for one task, and the tool is not among those of the task. Do without it, or tell the person."
        }
    }
}

/// Refusals of a hook that are no decisions of the policy.
enum HookAdvice {
    static let lines: [(code: String, text: String)] = [
        ("unmanaged-server", "The MCP server is not behind the gateway. Do without it."),
        ("schema", "The arguments are not what the tool takes. Correct them."),
        (
            "host-prompt",
            "The user of the host must be asked about the call, and cannot be. Tell the person."
        ),
        ("late", "Nothing was decided in time. Make the same call again."),
        ("unrecorded", "The call cannot be recorded, so it is not allowed. Tell the person."),
        ("hook-gateway", "The gateway cannot be reached. Tell the person."),
    ]
}
