/// A refusal of the store's functions. Nothing was changed.
package enum StoreRefusal: String, Sendable, CaseIterable {
    /// The incarnation was expelled, or the node is no member.
    case expelled = "IL001"
    /// A commit would not be on two machines.
    case noStandby = "IL002"
    /// Another writer was first, or the row is in a state from which the change is not possible.
    case closed = "IL003"
    /// The heads of the nodes, or the leases of this node, were not compared after a restart or failover of the store.
    case notCompared = "IL004"
}

/// An answer that no function of the store gives: a row or column of another number, type, length or range.
package struct StoreRowFault: Hashable, Sendable, CustomStringConvertible {
    package let function: String
    /// The column, with the position within its JSON value if it has one; `*` is the row itself.
    package let column: String
    package let reason: String

    package init(function: String, column: String, reason: String) {
        self.function = function
        self.column = column
        self.reason = reason
    }

    package var description: String { "`\(function)` returned `\(column)`: \(reason)" }
}

/// The reason why a call has no result. None of them permits anything.
package enum ClusterCallFailure: Error, Hashable, Sendable {
    case refused(StoreRefusal, reason: String)
    /// Arguments that no node may send; nothing was sent.
    case unfit(String)
    /// The store has committed something, and its answer cannot be read.
    case unreadable(StoreRowFault)
    /// Any other failure. The call may have been done, also later, and may be repeated with the same values.
    case unknown(String)

    package var refusal: StoreRefusal? {
        if case .refused(let refusal, _) = self { refusal } else { nil }
    }

    /// The refusal as events of `RunRouter` have it; nil if the outcome is unknown to it.
    package var runRefusal: RunTableRefusal? {
        switch self {
        case .refused(.expelled, _): .expelled
        case .refused(.closed, _): .moved
        case .refused(.notCompared, _): .closed
        case .unfit: .unfit
        case .refused(.noStandby, _), .unreadable, .unknown: nil
        }
    }

    /// The refusal as events of `EscrowNode` have it; nil if the outcome is unknown to it.
    package var unitRefusal: EscrowRefusal? {
        switch self {
        case .refused(.expelled, _): .expelled
        case .refused(.closed, _), .unfit: .unfit
        case .refused(.notCompared, _): .closed
        case .refused(.noStandby, _), .unreadable, .unknown: nil
        }
    }
}

extension ClusterCallFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let refusal, let reason):
            "the store refused with \(refusal.rawValue): \(reason)"
        case .unfit(let reason): "cannot be sent to the store: \(reason)"
        case .unreadable(let fault): fault.description
        case .unknown(let reason): reason
        }
    }
}
