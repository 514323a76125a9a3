package import InterlockApprovals
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A call that needs no approval, or has an unused grant.
package final class ApprovedCall: Sendable {
    package let recorded: RecordedCall
    private let given: Given?

    /// The grant, or nil if the policy alone permits the call.
    package var grant: ApprovalRequest? { given?.request }
    package var hasGrant: Bool { given != nil }

    fileprivate init(recorded: RecordedCall, grant: ApprovalRequest?) {
        self.recorded = recorded
        given = grant.map(Given.init)
    }

    /// Stored by reference, because a request is large and few calls have one.
    private final class Given: Sendable {
        let request: ApprovalRequest
        init(_ request: ApprovalRequest) { self.request = request }
    }
}

extension CallPipeline {
    /// Waits for approval. Durable on return: the request and, if people decided in time, their votes. If the process
    /// dies meanwhile, the next start closes the intent as denied; the request and its votes remain for a repeat of the
    /// same call.
    func awaitApproval(_ recorded: RecordedCall, _ caller: Caller) async -> Result<
        ApprovedCall, RefusedRequest
    > {
        guard case .approve = recorded.decision.verdict else {
            return .success(ApprovedCall(recorded: recorded, grant: nil))
        }
        // A grant covers one call; a subscription would outlast it.
        guard !recorded.call.method.isSubscription else {
            return .failure(recorded.refused(.subscriptionNeedsNoApproval))
        }
        // A preview informs the approvers, so it cannot need approval itself.
        guard !recorded.call.isPreview else {
            return .failure(recorded.refused(.previewNeedsApproval))
        }
        return await askIfTrusted(recorded, caller)
    }

    /// Asks people, unless nothing of the run is approved any more. A function of its own: what lives across the wait would
    /// enlarge the frame of every call that needs no approval, by an allocation.
    private func askIfTrusted(_ recorded: RecordedCall, _ caller: Caller) async -> Result<
        ApprovedCall, RefusedRequest
    > {
        let run = recorded.resolved.run.run
        guard !gateway.runs.distrusted.contains(run) else {
            return .failure(recorded.refused(.distrusted))
        }
        let answer = await ask(recorded, caller, shown: nil)
        // People may have decided before the run lost its trust.
        guard !gateway.runs.distrusted.contains(run) else {
            return .failure(recorded.refused(.distrusted))
        }
        return answer
    }

    /// - Parameter shown: the filled template; it is made only for a new request.
    private func ask(
        _ recorded: RecordedCall, _ caller: Caller, shown: TemplateShown?
    ) async -> Result<ApprovedCall, RefusedRequest> {
        let org = recorded.resolved.policy.org
        switch await gateway.approvals.ask(about: recorded, org: org, shown: shown) {
        case .failure(let refusal): return .failure(recorded.refused(refusal))
        case .success(.granted(let grant)):
            return .success(ApprovedCall(recorded: recorded, grant: grant))
        case .success(.waiting(let id)): return await hold(recorded, id, caller)
        case .success(.unprepared(let entry)):
            switch await show(recorded, by: entry, caller) {
            case .success(let shown): return await ask(recorded, caller, shown: shown)
            case .failure(let refusal): return .failure(recorded.refused(refusal))
            }
        }
    }

    /// Notifies the caller where its call waits, and holds the response open while people decide.
    private func hold(
        _ recorded: RecordedCall, _ id: ApprovalID, _ caller: Caller
    ) async -> Result<ApprovedCall, RefusedRequest> {
        let service = gateway.approvals
        // A halt that came while the request was being written did not see it.
        if let halt = gateway.halt(of: recorded.call.principal, recorded.address) {
            _ = await service.change(id, .void(.halted))
            return .failure(recorded.refused(.halted(by: halt)))
        }
        let held = PendingCallResponder(recorded, id, gateway)
        switch await held.end(caller) {
        case .outOfTime, .left, .cancelled(.shutdown):
            return .failure(recorded.refused(pending(id)))
        case .cancelled(.client):
            _ = await service.change(id, .withdraw(.cancelled))
            guard let request = service[id], request.state == .withdrawn else {
                return .failure(recorded.refused(pending(id)))
            }
            return .failure(recorded.refused(unapproved(request, recorded)))
        case .cancelled(.halt):
            let halt = gateway.halt(of: recorded.call.principal, recorded.address)
            return .failure(recorded.refused(halt.map(Refusal.halted(by:)) ?? pending(id)))
        case .decided(let request): return settle(request, recorded)
        }
    }

    private func pending(_ id: ApprovalID) -> Refusal {
        .pending(id, at: gateway.settings.approvalPages)
    }

    private func settle(_ request: ApprovalRequest, _ recorded: RecordedCall) -> Result<
        ApprovedCall, RefusedRequest
    > {
        switch request.state {
        case .approved: return .success(ApprovedCall(recorded: recorded, grant: request))
        case .pending: return .failure(recorded.refused(pending(request.id)))
        case .denied, .expired, .withdrawn, .void, .used:
            if request.cause == .halted,
                let halt = gateway.halt(of: recorded.call.principal, recorded.address)
            {
                return .failure(recorded.refused(.halted(by: halt)))
            }
            return .failure(recorded.refused(unapproved(request, recorded)))
        }
    }

    private func unapproved(_ request: ApprovalRequest, _ recorded: RecordedCall) -> Refusal {
        let group = recorded.resolved.policy.groups[request.decision.group]
        return .unapproved(request, discloses: group?.denials ?? .withheld)
    }
}

extension Refusal {
    fileprivate static let previewNeedsApproval = Refusal(
        .denied, "approval", "preview-needs-approval",
        "people have to decide this read, so it cannot be shown to them", outcome: .notExecuted)

    /// - Parameter pages: the URL where people decide in a browser.
    static func pending(_ id: ApprovalID, at pages: String?) -> Refusal {
        let place = pages.map { "at \($0)" } ?? "with `interlock approvals`"
        return Refusal(
            .approvalPending, "approval", "pending",
            "approval pending: \(id.shown); people decide \(place); repeat the same call",
            retryAfterMilliseconds: 20_000, approval: id, outcome: .notExecuted)
    }

    fileprivate static func unapproved(
        _ request: ApprovalRequest, discloses disclosure: DenialDisclosure
    ) -> Refusal {
        let cause = request.cause.map { " (\($0.rawValue))" } ?? ""
        var sentence = "the call was not approved: \(request.state.rawValue)\(cause)"
        if disclosure == .disclosed, let dissent = request.dissent, let reason = dissent.reason {
            sentence += "; the person says: \(reason.rawValue)"
            if !dissent.text.isEmpty { sentence += ", \(dissent.text)" }
        }
        return Refusal(
            .approvalDenied, "approval", request.state.rawValue, sentence, approval: request.id,
            outcome: .notExecuted)
    }
}
