/// The kinds of call that the properties tell apart.
package enum CallKind: String, CaseIterable, Sendable {
    /// Reads a low tier; permitted by the longer lease.
    case read
    /// Changes something and needs no approval.
    case write
    /// Needs units that are leased for this call alone.
    case exact
    /// Needs a grant of people, which is used once.
    case gated
    /// Needs a grant, and a quorum of nodes that hold the same chain.
    case witnessed

    package var isGated: Bool { self == .gated || self == .witnessed }
    /// True if the call counts against a limit.
    package var isLimited: Bool { self == .write || self == .exact }
}

/// One call that a node sent to a server: the fact that the properties judge.
package struct Dispatch: Sendable {
    package let call: Int
    package let kind: CallKind
    package let node: Int
    package let agent: Int
    package let run: Int
    /// The number of the claim under which the node serves the run; later claims have higher numbers.
    package let claim: Int
    /// The request whose grant was used, and the entry of its use.
    package var grant: Int?
    package var use: Int64?
    /// The newest entry that the node had applied.
    package let applied: Int64
    /// The nodes of the quorum of a witnessed call whose chain differed when they were asked.
    package var disagreeing: [Int] = []

    package init(
        call: Int, kind: CallKind, node: Int, agent: Int, run: Int, claim: Int, applied: Int64
    ) {
        self.call = call
        self.kind = kind
        self.node = node
        self.agent = agent
        self.run = run
        self.claim = claim
        self.applied = applied
    }
}

/// The meaning of an entry of the chain for the properties.
package enum EntryMeaning: Hashable, Sendable {
    case halt(order: Int, agent: Int?)
    case release(order: Int)
    case use(grant: Int)
    case end(grant: Int)
    case other

    /// True if the entry stops calls of this agent.
    package func stops(_ agent: Int) -> Bool {
        if case .halt(_, let target) = self { target == nil || target == agent } else { false }
    }
}

/// A property of docs/specs/cluster.md, section 13, that did not hold.
package struct Violation: Sendable, CustomStringConvertible {
    package enum Property: String, CaseIterable, Sendable {
        case oneUse = "S1"
        case nothingAfterHalt = "S2"
        case limit = "S3"
        case oneNode = "S4"
        case onePrefix = "S5"
        case orderOfUse = "S6"
        case nothingWidened = "S7"
        case logs = "S8"
        case ready = "S9"
    }

    package let property: Property
    package let at: VirtualTime
    package let text: String

    package var description: String { "\(property.rawValue) at \(at): \(text)" }
}
