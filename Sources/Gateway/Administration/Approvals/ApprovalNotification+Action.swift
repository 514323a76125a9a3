package import InterlockAlerts
package import InterlockApprovals

extension ApprovalNotification.Kind {
    /// What people are told of a change; nil where nobody has to know.
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
        // A grant that is used was approved before, which was told.
        case .none, .refused, .counted, .shrunk, .used, .probed: return nil
        }
    }
}

extension ApprovalNotification {
    /// - Parameter withArguments: whether what the call would do is told outside of the console too.
    package init(_ kind: Kind, _ request: ApprovalRequest, withArguments: Bool) {
        let call = request.review.call
        self.init(
            kind, request: request.id, revision: request.revision, agent: call.agent,
            tool: call.address, tier: request.decision.tier, deadline: request.expires,
            arguments: withArguments ? call.arguments : nil)
    }
}
