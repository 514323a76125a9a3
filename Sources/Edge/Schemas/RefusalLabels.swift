import InterlockAdministration
package import InterlockEvidence
package import InterlockJSON
package import InterlockLedger
package import InterlockPolicy

/// The reason for a refused call, and the change that would allow it, in plain words. Derived only from the record and,
/// if it was opened, the decision's input.
package struct RefusalLabels {
    package let record: StoredRecord
    /// The decision's input, or nil if the viewer may not read it.
    package let decision: JSONObject?

    /// Returns nil if the record is not a refusal.
    package init?(_ evidence: RecordEvidence) {
        guard evidence.record.isRefusal else { return nil }
        record = evidence.record.record
        decision = evidence.decision
    }

    /// The labels of a refusal whose decision input is not at hand.
    package init(_ record: StoredRecord) {
        self.record = record
        decision = nil
    }

    private var code: String { record.text("code") ?? "" }
    /// The reason of the decision, or nil if none refused.
    private var reason: DecisionReason? {
        let parts = code.split(separator: ".", maxSplits: 1)
        guard parts.count == 2,
            let reason = DecisionReason(rawValue: String(parts[1]).replacing("_", with: "-")),
            reason.part == parts[0]
        else { return nil }
        return reason
    }

    package var rule: String? { record.text("rule") }
    /// File, line and column in the policy folder.
    package var place: String? { record.text("at") }
    /// Details of the decision for people, such as how much of a limit is used.
    package var detail: String? { decision?["detail"]?.string }

    package var sentence: String {
        reason?.sentence ?? Self.others[code] ?? Self.others[part] ?? "The gateway refused it."
    }

    /// The change that would allow the call, or nil if the record does not determine it.
    package var wouldAllow: String? {
        switch reason {
        case .unlistedTool:
            "List the tool, with its class and effects, under its server in the policy."
        case .unknownAgent: "Add the agent to the policy."
        case .quarantined: "Release the quarantine after a look at what changed."
        case .noGrant:
            "A grant for this tool in the agent's policy, or an elevation for a time (`interlock elevate request`)."
        case .guardFalse: "Other arguments, or a grant whose condition they meet."
        case .forbid: "Nothing but a change of that rule."
        case .reviewOverdue: "Finish the agent's review."
        case .hours: "The same call within the agent's hours."
        case .limit: "The same call later, when the limit has room, or a wider limit in the policy."
        case .noApprovers: "More members, who are not excluded, in the group that approves."
        case .observe: "A higher stage of the agent."
        case .halted: "A release of the halt by two people."
        case .noPurpose: "A purpose that the run states when it starts."
        case .brokeredValue, .canary, .secretInArguments: "The same call without the value."
        case .piiInArguments:
            "The same call without the value, or `accepts` for the argument in the tool's entry."
        case .scanFailed: "The same call once it can be searched, or with smaller arguments."
        case .undecodable: "The same call with the data as plain text, or in parts."
        case .taintDenied:
            "The same call in a run that has not read such content before, or `hostile: approve` in the agent's `taint`."
        case .outOfTask:
            "The same call in a run for another task or for none, or the tool among those of the task."
        case .evalMissing, .evalFailed, .evalStale:
            "A passing result of the agent's evals: `interlock eval run`, then `interlock eval gate --submit`."
        case .evalUnsigned:
            "The same result, signed by a key that `eval.signers` of the policy has and that counts at the agent's tier."
        case .evalThin: "A result of a suite without flags: `interlock eval lint` names them."
        case .evalUnproven: "The same call in a run that `interlock run` started and measured."
        case .noPolicy, .controls, .approvalRequired, .alarmApproval, .taintApproval, .incomplete,
            nil:
            nil
        }
    }

    private var part: String { String(code.prefix { $0 != "." }) }

    private static let others: [String: String] = [
        "kill": "A halt was in force.", "limit": "A limit had no room for this call.",
        "policy.host_prompt": "The host could not ask its own user, as the policy wants.",
        "schema.extra_field": "The arguments had a member that the tool's schema does not name.",
        "schema": "The arguments are not as the tool's schema wants them.",
        "approval.denied": "A person denied it.",
        "approval.expired": "No one decided before the deadline.",
        "approval.withdrawn": "The agent withdrew it.",
        "approval": "People did not approve it, or what was approved had changed.",
        "audit": "It could not be recorded, so it was not allowed.",
        "upstream": "The server could not be asked.",
        "access": "The agent's token does not reach this tool.",
    ]
}

extension DecisionReason {
    /// The reason why a call is denied, as a sentence for people.
    package var sentence: String {
        switch self {
        case .noPolicy: "There was no policy in force."
        case .halted: "A halt was in force."
        case .unknownAgent: "The policy has no such agent."
        case .unlistedTool: "The policy does not list this tool."
        case .quarantined: "The tool, or its server, was quarantined."
        case .forbid: "A rule forbids this call."
        case .noGrant: "No grant of the agent covers this tool."
        case .guardFalse: "A grant covers this tool, but not with these arguments."
        case .reviewOverdue: "The agent's review is overdue."
        case .hours: "It was outside the agent's hours."
        case .limit: "A limit had no room for this call."
        case .controls: "The policy's controls deny calls with these effects."
        case .approvalRequired: "The call needs approval, and could not wait for it."
        case .noApprovers: "The call needs more approvers than the policy has for it."
        case .observe: "The agent is at stage observe: its calls are decided and not made."
        case .incomplete: "The decision could not be made in full."
        case .noPurpose: "The run had not stated its purpose."
        case .alarmApproval: "A signal asked for approval, and the call could not wait for it."
        case .brokeredValue: "The arguments had a value of the gateway's secrets."
        case .canary: "The arguments had the value of a canary, which no one has a reason to use."
        case .secretInArguments: "The arguments had a private key or a token."
        case .piiInArguments:
            "The arguments had the number of a card, an account or a person, or other personal data, where the policy lets the tool take none."
        case .scanFailed: "The arguments could not be searched for secrets."
        case .undecodable:
            "The arguments had data that are encoded in more than two layers, or larger when decoded than is searched."
        case .taintApproval:
            "The run had read content that outsiders can write, or a value of the call was not from the request, so the call needed approval, and could not wait for it."
        case .taintDenied:
            "The run had read a marker of an injection, or content that is not searched for them, and the agent's policy denies such calls after that."
        case .outOfTask:
            "The run was for one task, and the policy does not name the tool among those of the task."
        case .evalMissing: "No result of its evals covered the agent as it was."
        case .evalFailed: "The newest result of the agent's evals did not say that it passes."
        case .evalStale: "The result of the agent's evals was too old."
        case .evalUnsigned: "No key that counts had signed the result of the agent's evals."
        case .evalThin: "The suite of the agent's evals was too thin for its tier."
        case .evalUnproven:
            "Nothing proved the prompt, skills and model of the run as the agent's tier demands."
        }
    }
}
