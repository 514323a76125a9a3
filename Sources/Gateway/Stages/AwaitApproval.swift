package import InterlockApprovals
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// A call that needs no approval, or whose approval people have given and nobody has used.
package final class ApprovedCall: Sendable {
    package let recorded: RecordedCall
    /// nil when the policy alone permits the call.
    package let grant: ApprovalRequest?

    fileprivate init(recorded: RecordedCall, grant: ApprovalRequest?) {
        self.recorded = recorded
        self.grant = grant
    }
}

extension CallPipeline {
    /// On disk when it returns: the request and, if people decided in time, their votes. If the process
    /// dies meanwhile the intent is closed as denied at the next start; the request and its votes go on
    /// for a repeat of the same call.
    func awaitApproval(_ recorded: RecordedCall, _ caller: Caller) async -> Result<
        ApprovedCall, Stop
    > {
        guard case .approve = recorded.decided.decision.verdict else {
            return .success(ApprovedCall(recorded: recorded, grant: nil))
        }
        // A grant is for one call; a subscription would go on after it.
        guard !recorded.call.method.isSubscription else {
            return .failure(close(recorded, .subscriptionNeedsNoApproval))
        }
        let desk = gateway.approvals
        switch await desk.ask(about: recorded, org: recorded.decided.resolved.policy.org) {
        case .failure(let refusal): return .failure(close(recorded, refusal))
        case .success(.granted(let grant)):
            return .success(ApprovedCall(recorded: recorded, grant: grant))
        case .success(.waiting(let id)): return await hold(recorded, id, caller)
        }
    }

    /// Keeps the answer open while people decide. In the legacy eras a client that goes away has not
    /// cancelled: its request goes on, the attempt ends. `notifications/cancelled` withdraws the request.
    private func hold(
        _ recorded: RecordedCall, _ id: ApprovalID, _ caller: Caller
    ) async -> Result<ApprovedCall, Stop> {
        let desk = gateway.approvals
        // A halt that came while the question was being written has not seen it.
        if let halt = gateway.halt(of: recorded.call.principal, recorded.address) {
            _ = await desk.change(id, .void(.halted))
            return .failure(close(recorded, .halted(by: halt)))
        }
        caller.startStream()
        let limit =
            recorded.call.notices?.wantsProgress == true
            ? gateway.settings.longHold : gateway.settings.hold
        switch await desk.wait(
            for: id, atMost: limit, cancel: recorded.call.cancel, caller.exchange)
        {
        case .outOfTime, .left, .cancelled(.shutdown):
            return .failure(close(recorded, .pending(id)))
        case .cancelled(.client):
            _ = await desk.change(id, .withdraw(.cancelled))
            guard let request = desk[id], request.state == .withdrawn else {
                return .failure(close(recorded, .pending(id)))
            }
            return .failure(close(recorded, .unapproved(request)))
        case .cancelled(.halt):
            let halt = gateway.halt(of: recorded.call.principal, recorded.address)
            return .failure(close(recorded, halt.map(Refusal.halted(by:)) ?? .pending(id)))
        case .decided(let request): return settle(request, recorded)
        }
    }

    private func settle(_ request: ApprovalRequest, _ recorded: RecordedCall) -> Result<
        ApprovedCall, Stop
    > {
        switch request.state {
        case .approved: return .success(ApprovedCall(recorded: recorded, grant: request))
        case .pending: return .failure(close(recorded, .pending(request.id)))
        case .denied, .expired, .withdrawn, .void, .used:
            if request.cause == .halted,
                let halt = gateway.halt(of: recorded.call.principal, recorded.address)
            {
                return .failure(close(recorded, .halted(by: halt)))
            }
            return .failure(close(recorded, .unapproved(request)))
        }
    }
}

extension Refusal {
    static func pending(_ id: ApprovalID) -> Refusal {
        Refusal(
            .approvalPending, "approval", "pending",
            "approval pending: \(id.shown); people decide with `interlock approvals`; repeat the same call",
            retryAfterMilliseconds: 20_000, approval: id, outcome: .notExecuted)
    }

    fileprivate static func unapproved(_ request: ApprovalRequest) -> Refusal {
        let cause = request.cause.map { " (\($0.rawValue))" } ?? ""
        return Refusal(
            .approvalDenied, "approval", request.state.rawValue,
            "the call was not approved: \(request.state.rawValue)\(cause)", approval: request.id,
            outcome: .notExecuted)
    }
}
