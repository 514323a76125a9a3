import InterlockApprovals
package import InterlockModel

/// The decision of people about a deferred call.
package enum DeferredDecision: String, Sendable, CaseIterable {
    /// People have not decided, and the request has not expired.
    case waiting
    /// The grant can be used.
    case approved
    case denied
    /// The request ended without a decision, or its grant cannot be used any longer.
    case ended
}

extension Gateway {
    /// Returns the decision about a request and the time until it expires; nil if no request of this run has the id, or it
    /// ended long ago.
    package func decision(
        about approval: ApprovalID, of run: RunID
    ) -> (decision: DeferredDecision, left: Duration)? {
        guard let request = approvals[approval], request.review.call.run == run else { return nil }
        let now = clock.wall
        let left = max(.zero, request.expires - now)
        switch request.state {
        case .pending: return (left > .zero ? .waiting : .ended, left)
        case .approved:
            let isOver = request.grantEnds.map { $0 <= now } ?? false
            return (isOver ? .ended : .approved, left)
        case .denied: return (.denied, left)
        case .expired, .withdrawn, .void, .used: return (.ended, left)
        }
    }
}
