package import InterlockLimits
package import InterlockModel

/// A limit of one agent, whose units the nodes share.
package struct UnitKey: Sendable, Hashable {
    package let agent: AgentName
    package let window: LimitWindow

    package init(_ agent: AgentName, _ window: LimitWindow) {
        self.agent = agent
        self.window = window
    }

    /// The lengths of windows that limits have.
    package static let lengths: [Int64] = [1, 60, 3_600, 86_400]

    /// The largest number of a limit, far above that of any policy: sums of it do not overflow.
    package static let largest: Int64 = 1 << 50

    func slot(of time: Timestamp) -> Int64 { RateWindow.slot(of: time, seconds: window.seconds) }
}

/// The id of a lease, which its node chooses, so that a request can be repeated.
package struct UnitLeaseID: Sendable, Hashable, Comparable {
    package let node: NodeName
    package let incarnation: Incarnation
    /// Counts from 1 within the incarnation.
    package let number: Int64

    package init(_ node: NodeName, _ incarnation: Incarnation, _ number: Int64) {
        self.node = node
        self.incarnation = incarnation
        self.number = number
    }

    package static func < (a: UnitLeaseID, b: UnitLeaseID) -> Bool {
        (a.node, a.incarnation, a.number) < (b.node, b.incarnation, b.number)
    }
}

/// The size of the leases from which the calls of a limit take their units.
package enum UnitSharing: Sendable, Hashable, CaseIterable {
    /// A lease of the call's own units, until its request or deadline ends: one transaction for each call.
    case exact
    /// A part of a batch, which was leased ahead.
    case rate

    /// - Parameters:
    ///   - isSum: whether the limit sums up an argument (`spend`).
    ///   - most: the most units in a window.
    ///   - toolClass: the class of the called tool; an unknown one is exact.
    ///   - needsPeople: whether the call waits for people, whose request can outlive a batch.
    package init(
        isSum: Bool, most: Int64, toolClass: ToolClass?, effects: EffectSet, needsPeople: Bool
    ) {
        let isGrave =
            switch toolClass {
            case .destructive?, .admin?, nil: true
            case .read?, .write?: false
            }
        let hasGraveEffect =
            effects.has(.irreversible) || effects.has(.spendsMoney) || effects.has(.production)
        let isExact =
            isSum || most < EscrowTimes.leastShared || isGrave || hasGraveEffect || needsPeople
        self = isExact ? .exact : .rate
    }
}
