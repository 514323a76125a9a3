package import InterlockJSON
package import InterlockModel
package import InterlockSafety

/// The question whether an agent may make a call. The arguments are the canonical tree that would be sent,
/// already validated against the pinned schema and without what obligations remove.
package struct DecisionRequest: Sendable {
    package let agent: AgentName
    package let address: ToolAddress
    package let arguments: JSONValue
    /// The argument that a completion of the prompt or resource asks for, or nil for another call.
    package let completes: String?

    package init(
        agent: AgentName, address: ToolAddress, arguments: JSONValue, completes: String? = nil
    ) {
        self.completes = completes
        self.agent = agent
        self.address = address
        self.arguments = arguments.integersUnified
    }
}

/// The facts about a call in addition to the policy. All of them are recorded, so that a decision can be
/// replayed.
package struct DecisionFacts: Sendable {
    /// The order that halts the agent, its owner, the run, the server, the tool or everything.
    package var halted: OrderID?
    /// True if the server or tool has no pin, or differs from it.
    package var quarantined: Bool
    /// The stage of the trust record, which is at most supervised without a record. The lower of it and the
    /// file's stage applies.
    package var effectiveStage: TrustStage
    package var onBehalfOf: Person?
    package var purposeDeclared: Bool
    /// The task of the policy that the run has as its purpose, or nil if it has none. The run may use the task's tools
    /// alone; none, if the policy does not have the task.
    package var task: RunTaskName?
    /// True if the run has read untrusted content.
    package var tainted: Bool
    /// True if all that a tainted run has read was searched for markers of injections, and has none. Otherwise the run
    /// is hostile.
    package var unmarked: Bool
    package var level: TaintLevel {
        get { tainted ? unmarked ? .untrusted : .hostile : .clean }
        set {
            tainted = newValue > .clean
            unmarked = newValue == .untrusted
        }
    }
    /// The worst label of the call's key values. Is nil if it is not known, or if the agent's rule does not ask for it.
    package var label: ValueLabel?
    /// True if the call is attested as coming from the agent's sandbox.
    package var sandboxed: Bool
    /// The elevations of the store, compiled under the policy that decides, or nil for no elevations.
    package var elevations: ElevationSet?
    /// The used amount of each limit in its window, by the name that reservations have. If nil, nothing is
    /// counted, so an agent with limits is refused.
    package var counters: [String: Int64]?
    /// The percentage of each stated limit that the agent's trust stage allows
    /// (docs/specs/trust-and-review.md, section 2).
    package var quotaPercent: Int64 = 100
    /// The state of a circuit breaker that throttles or pauses the run, otherwise nil
    /// (docs/specs/limits-and-monitoring.md, section 8).
    package var breaker: Breaker?

    package enum Breaker: String, Sendable { case throttled, paused }

    /// The signal that raises an allowed call to one that a person must approve, otherwise nil
    /// (docs/specs/limits-and-monitoring.md, section 10).
    package var alarm: ApprovalSignal?

    package enum ApprovalSignal: String, Sendable { case firstRecipient = "first_recipient" }

    /// The reason for which the arguments may not be sent, otherwise nil (docs/specs/output-safety.md, section 2). No
    /// approval lifts it.
    package var arguments: ArgumentFinding?

    /// A result of the search in the arguments of a call that denies it.
    package enum ArgumentFinding: String, Sendable, CaseIterable {
        /// A value that the broker holds.
        case brokered
        /// A value that people planted, and that no one has a reason to send.
        case canary
        /// A private key, or a token with a distinctive prefix or a checksum.
        case secret
        /// The search had no answer.
        case unsearched
        /// Something encoded was not decoded within the limits. A call that only reads is not denied for it.
        case undecodable

        var reason: DecisionReason {
            switch self {
            case .brokered: .brokeredValue
            case .canary: .canary
            case .secret: .secretInArguments
            case .unsearched: .scanFailed
            case .undecodable: .undecodable
            }
        }
    }

    /// The classes of values in the arguments at places where neither the tool's entry nor a waiver of the policy admits
    /// them; of those alone whose consequence a policy states (`SecretClassSet.decided`). No approval lifts them.
    package var classes: SecretClassSet = []

    /// The kind of text that the call would carry out in addition to its effect, otherwise nil
    /// (docs/specs/output-safety.md, section 7).
    package var sideChannel: SideChannel?

    package enum SideChannel: String, Sendable, CaseIterable {
        /// A URL has more bytes of path and query that are not of the user's request than a run may send that has read
        /// untrusted content.
        case longQuery = "long_query"
        /// A URL, or a query of a read, has text of a tool with the effect `sensitive_data` that is not of the request.
        case sensitiveText = "sensitive_text"

        /// The most bytes of path and query that are not of the user's request, in a run that has read untrusted content.
        package static let longestQuery = 256

        /// The fact for approvers.
        package var words: String {
            switch self {
            case .longQuery:
                "a URL has more than \(Self.longestQuery) bytes of path and query that are not of the user's request"
            case .sensitiveText:
                "a URL or a query has text that a tool with the effect sensitive_data brought, and that is not of the user's request"
            }
        }
    }

    /// The verdict of the change gate on the agent (docs/specs/evals.md, section 6). Neither the policy nor an approval or
    /// elevation lifts a denial by it.
    package var eval: EvalFact = .passed

    /// Sets the label of a call that is only assumed: its values are those of the user's request, or untrusted in a run
    /// that has read untrusted content.
    package mutating func assumeLabel() { label = tainted ? .untrusted : .request }

    /// The state of the agent's governance review (docs/specs/trust-and-review.md, section 9).
    package var review: ReviewState = .byPolicy

    package enum ReviewState: String, Sendable, CaseIterable {
        /// The date of the policy file decides.
        case byPolicy = "by_policy"
        /// A review was signed for the date of the policy file, or people postponed it: the date does not count.
        case lifted
        /// The review is 14 days overdue: the agent may read, and nothing else.
        case overdue
    }

    /// If false, overdue reviews are ignored, so that they do not hide what is tested.
    package var reviewsCount = true
    /// If false, an agent that lint errors hold is decided as if it were complete.
    package var holdsCount = true

    package init(
        halted: OrderID? = nil, quarantined: Bool = false, effectiveStage: TrustStage = .supervised,
        onBehalfOf: Person? = nil, purposeDeclared: Bool = true, tainted: Bool = false,
        unmarked: Bool = false, sandboxed: Bool = false, elevations: ElevationSet? = nil,
        counters: [String: Int64]? = nil
    ) {
        self.halted = halted
        self.quarantined = quarantined
        self.effectiveStage = effectiveStage
        self.onBehalfOf = onBehalfOf
        self.purposeDeclared = purposeDeclared
        self.tainted = tainted
        self.unmarked = unmarked
        self.sandboxed = sandboxed
        self.elevations = elevations
        self.counters = counters
    }
}
