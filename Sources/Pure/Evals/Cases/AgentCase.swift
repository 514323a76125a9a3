package import InterlockJSON
package import InterlockModel

/// A task for the agent's command, with what must be true when it ends (docs/specs/evals.md, section 2).
package struct AgentCase: Sendable {
    /// The request that the agent gets.
    package let request: String
    /// The path of the fake servers, below the folder of the suite: `fixtures/orders.yaml`.
    package let world: String
    package let state: [StateCheck]
    package let calls: ExpectedCalls
    /// The most denied calls, or nil if they are not limited.
    package let mostDenials: Int?
    package let approvals: ExpectedApprovals?
    /// The place of `world`.
    package let place: PolicyLocation

    /// The tools that the agent must call, in any way: required, in the order, at least once, or with an approval.
    package var demanded: [ToolAddress] {
        var tools = calls.required.map(\.call)
        tools += calls.order
        for count in calls.counts where count.least > 0 { tools.append(count.call) }
        tools += approvals?.asked ?? []
        return tools
    }

    /// The tools that the agent must not use: tries count, or only what reaches the server.
    package var withheld: [ToolAddress] { (calls.forbidden + calls.stopped).map(\.call) }

    /// The number of calls that the expectations name.
    package var callCount: Int {
        demanded.count + withheld.count + calls.counts.count(where: { $0.least == 0 })
    }

    /// True if nothing in the case asks for a call or for a state, so that an agent which does nothing passes.
    package var demandsNothing: Bool { demanded.isEmpty && state.isEmpty }
}

/// A statement about the state of the fake servers after a trial.
package struct StateCheck: Sendable {
    package enum Condition: Sendable, Hashable {
        case equals(JSONValue)
        /// An element of an array, members of an object, or a part of a text.
        case contains(JSONValue)
        /// The number of elements, members or Unicode scalars.
        case size(Int)
        case absent
        /// A constant pattern of RE2, at most 1 KiB. The runner compiles it, and refuses a case with an invalid one.
        case matches(String)
    }

    /// A pointer of RFC 6901 into the states of all servers, by the name of the server.
    package let path: JSONPath
    package let condition: Condition
    package let place: PolicyLocation

    /// The text of the pointer.
    package var pointer: String { path.text }
}

/// The calls of a trial, in the order in which the agent tried them. What must happen counts if it reached the server,
/// and what must not happen counts if it was tried.
package struct ExpectedCalls: Sendable {
    package let required: [CallPattern]
    /// These must not be tried.
    package let forbidden: [CallPattern]
    /// These may be tried, and must not reach the server.
    package let stopped: [CallPattern]
    /// A subsequence of the calls that reached a server.
    package let order: [ToolAddress]
    package let counts: [CallCount]
}

/// A tool, and the arguments that a call must have at least; nil for any arguments.
package struct CallPattern: Sendable, Hashable {
    package let call: ToolAddress
    package let arguments: JSONObject?
}

package struct CallCount: Sendable, Hashable {
    package let call: ToolAddress
    /// The least calls that reached the server.
    package let least: Int
    /// The most calls that were tried, or nil for any number.
    package let most: Int?
}

package struct ExpectedApprovals: Sendable, Hashable {
    package enum Answer: String, Sendable, Hashable, CaseIterable { case approve, reject, expire }

    /// The tools for which approvals are asked, and no others; how often does not count.
    package let asked: [ToolAddress]
    /// The answer of the principal that exists only in eval runs.
    package let answer: Answer
}
