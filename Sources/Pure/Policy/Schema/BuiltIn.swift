import InterlockJSON
import InterlockModel

// The rows that apply if a policy states nothing, as in the example (docs/specs/policy.md, section 3).

extension PolicySchema {
    /// `Controls.builtIn` in the digested form.
    static let builtInControls: JSONValue = [
        "read": ["supervised": "allow", "trusted": "allow"],
        "sensitive_data": ["supervised": "approve", "trusted": "allow"],
        "reversible": ["supervised": "approve", "trusted": "allow"],
        "irreversible": ["supervised": "approve 2", "trusted": "approve"],
        "customer_facing": ["supervised": "approve", "trusted": "approve"],
        "spends_money": ["supervised": "approve 2", "trusted": "approve"],
        "production": ["supervised": "approve 2", "trusted": "approve 2"],
    ]

    static let builtInTiers: JSONValue = [
        "low": ["classes": ["read"], "calls": ["n": 120, "per": 60], "require": []],
        "medium": [
            "classes": ["read", "write"], "calls": ["n": 60, "per": 60], "require": ["approvers"],
        ],
        "high": [
            "classes": ["destructive", "read", "write"], "calls": ["n": 20, "per": 60],
            "require": ["approvers", "data", "egress"],
        ],
    ]
}

/// The reasons of a decision (a closed set; docs/specs/policy.md, section 4.5), and those that later parts
/// add. No rule may have one of these names.
package enum DecisionReason: String, Sendable, CaseIterable {
    case noPolicy = "no-policy"
    case halted
    case unknownAgent = "unknown-agent"
    case unlistedTool = "unlisted-tool"
    case quarantined, forbid
    case noGrant = "no-grant"
    case guardFalse = "guard-false"
    case reviewOverdue = "review-overdue"
    case hours, limit, controls
    case approvalRequired = "approval-required"
    case noApprovers = "no-approvers"
    case observe, incomplete
    /// The run has not declared its purpose, as tier high requires (docs/specs/mcp.md, section 8).
    case noPurpose = "no-purpose"
    /// A signal raised the verdict to approval (docs/specs/limits-and-monitoring.md, section 10).
    case alarmApproval = "alarm-approval"
    /// The arguments have a value of the broker (docs/specs/output-safety.md, section 4).
    case brokeredValue = "brokered-value"
    /// The arguments have the value of a canary.
    case canary
    /// The arguments have a private key or a token.
    case secretInArguments = "secret-in-arguments"
    /// The arguments have the number of a card, an account or a person, or other data of a person that the policy keeps
    /// from calls (docs/specs/output-safety.md, section 4).
    case piiInArguments = "pii-in-arguments"
    /// The arguments could not be searched.
    case scanFailed = "scan-failed"
    /// The arguments have something encoded that was not decoded within the limits, and the call does more than read
    /// (docs/specs/output-safety.md, section 3).
    case undecodable
    /// The run has read untrusted content, so a person must approve (docs/specs/output-safety.md, section 7).
    case taintApproval = "taint-approval"
    /// The run has read a marker of an injection, or content that was not searched, and the policy denies such calls
    /// after that.
    case taintDenied = "taint-denied"
    /// The task that is the run's purpose does not name the tool (docs/specs/output-safety.md, section 7).
    case outOfTask = "out-of-task"
    /// No result of evals covers the agent as it is now (docs/specs/evals.md, section 6).
    case evalMissing = "eval-missing"
    case evalFailed = "eval-failed"
    case evalStale = "eval-stale"
    case evalUnsigned = "eval-unsigned"
    case evalThin = "eval-thin"
    case evalUnproven = "eval-unproven"
}

extension DecisionReason {
    /// The part of the gateway that the reason is about: the first word of the code in records.
    package var part: String {
        switch self {
        case .brokeredValue, .canary, .secretInArguments, .piiInArguments, .scanFailed,
            .undecodable:
            "safety"
        case .evalMissing, .evalFailed, .evalStale, .evalUnsigned, .evalThin, .evalUnproven:
            "eval"
        case .noPolicy, .halted, .unknownAgent, .unlistedTool, .quarantined, .forbid, .noGrant,
            .guardFalse, .reviewOverdue, .hours, .limit, .controls, .approvalRequired,
            .noApprovers, .observe, .incomplete, .noPurpose, .alarmApproval, .taintApproval,
            .taintDenied, .outOfTask:
            "policy"
        }
    }
}

let reasonCodes = Set(DecisionReason.allCases.map(\.rawValue))
