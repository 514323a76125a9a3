package import InterlockAlerts
package import InterlockApprovals

extension ApprovalNotification.Kind {
    /// The notification of a change, or nil if people are not notified of it.
    init?(_ action: ApprovalAction, _ event: ApprovalEvent) {
        switch action {
        case .granted: self = .approved
        case .denied: self = .denied
        case .expired: self = .expired
        case .withdrawn: self = .withdrawn
        case .void: self = .void
        case .escalated: self = .escalated
        case .reissued:
            if case .breakGlass = event { self = .brokenGlass } else { self = .reissued }
        // The use of a grant needs no notification, because its approval had one.
        case .none, .refused, .counted, .shrunk, .used, .probed: return nil
        }
    }
}

extension ApprovalNotification {
    /// - Parameter withArguments: whether the call's arguments are also shown outside the console.
    package init(_ kind: Kind, _ request: ApprovalRequest, withArguments: Bool) {
        let call = request.review.call
        self.init(
            kind, request: request.id, revision: request.revision, agent: call.agent,
            tool: call.address, tier: request.decision.tier, deadline: request.expires,
            arguments: withArguments ? call.arguments : nil)
    }
}
