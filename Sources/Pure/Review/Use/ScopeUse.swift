package import InterlockModel

/// The use of one granted tool in a period.
package struct ToolUse: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case used, unused
        /// Every call of it was denied.
        case deniedOnly = "denied-only"
    }

    package let agent: AgentName
    package let tool: ToolAddress
    /// The calls that the policy permitted or people approved.
    package var calls = 0
    /// The time of the last of them.
    package var last: Timestamp?
    /// The calls among them that people approved.
    package var approvals = 0
    package var denials = 0
    /// One for each argument that a guard caps.
    package var arguments: [ArgumentUse] = []

    package init(agent: AgentName, tool: ToolAddress) {
        self.agent = agent
        self.tool = tool
    }

    package var state: State { calls > 0 ? .used : denials > 0 ? .deniedOnly : .unused }
}

/// The values of one numeric argument, with the cap of the guard.
package struct ArgumentUse: Sendable, Hashable {
    package let name: String
    package let cap: Int64
    /// The largest value of a call that ran; nil if none was read.
    package let largest: Int64?
    /// The median of them; nil if none was read, or more than 10,000 different ones.
    package let typical: Int64?
    /// The calls whose value was read.
    package let count: Int
    /// The calls whose value is not known: the payload was erased, or it is no whole number.
    package let unread: Int

    package init(
        name: String, cap: Int64, largest: Int64?, typical: Int64?, count: Int, unread: Int = 0
    ) {
        self.name = name
        self.cap = cap
        self.largest = largest
        self.typical = typical
        self.count = count
        self.unread = unread
    }
}

/// The matrix of the granted tools of all agents in scope, sorted by agent and tool (docs/specs/trust-and-review.md,
/// section 7, part 2).
package struct ScopeUse: Sendable, Hashable {
    package let period: ReviewPeriod
    /// The policy whose grants it lists.
    package let policy: Digest
    package let tools: [ToolUse]

    package init(period: ReviewPeriod, policy: Digest, tools: [ToolUse]) {
        self.period = period
        self.policy = policy
        self.tools = tools
    }
}

/// A tool that the policy grants an agent, with the largest values that a guard permits.
package struct GrantedTool: Sendable, Hashable {
    package struct Cap: Sendable, Hashable {
        /// The name of the argument.
        package let argument: String
        /// The largest value that is permitted.
        package let most: Int64

        package init(argument: String, most: Int64) {
            self.argument = argument
            self.most = most
        }
    }

    package let agent: AgentName
    package let tool: ToolAddress
    package let caps: [Cap]

    package init(agent: AgentName, tool: ToolAddress, caps: [Cap] = []) {
        self.agent = agent
        self.tool = tool
        self.caps = caps
    }
}
