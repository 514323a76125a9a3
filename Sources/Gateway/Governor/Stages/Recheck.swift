import InterlockApprovals
import InterlockLimits
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

/// A call that may be sent now: the decision still holds, it is not halted, its caller's credential is valid, its pin
/// is unchanged and, if people approved it, their grant is used.
package final class ClearedCall: Sendable {
    package let approved: ApprovedCall
    /// The obligations on its result according to the last decision, or nil if there are no obligations.
    package let data: DataObligations?
    package var recorded: RecordedCall { approved.recorded }
    var decided: DecidedCall { recorded.decided }
    var resolved: ResolvedCall { recorded.resolved }
    var hasGrant: Bool { approved.hasGrant }
    /// True if the host must ask its own user before it runs the call, which no person has approved.
    let asksHostUser: Bool
    /// The last search in its arguments.
    let search: ArgumentSearch
    package var call: Call { recorded.call }
    package var address: ToolAddress { recorded.address }
    /// The decision that the grant was used under, or nil without a grant.
    var released: Decision? { release?.decision }
    /// The entry of the use of its grant; nil on one node, or without a grant.
    var useEntry: ApprovalUseEntry? { release?.entry }
    private let release: Release?
    /// True if fields of the result are masked; the agent then reads no other text of the server than its result.
    var keepsFieldsBack: Bool { data?.changesResults ?? false }

    fileprivate init(
        approved: ApprovedCall, under decision: Decision, _ search: ArgumentSearch,
        asksHostUser: Bool, _ entry: ApprovalUseEntry?
    ) {
        self.approved = approved
        self.search = search
        self.asksHostUser = asksHostUser
        data = decision.data
        release = approved.hasGrant ? Release(decision, entry) : nil
    }

    /// Stored by reference, because a decision is large and few calls have a grant.
    private final class Release: Sendable {
        let decision: Decision
        let entry: ApprovalUseEntry?
        init(_ decision: Decision, _ entry: ApprovalUseEntry?) {
            self.decision = decision
            self.entry = entry
        }
    }
}

extension CallPipeline {
    /// Checks the call again and uses its grant. Durable on return: for an approved call, the use of its grant. If the
    /// process dies after that, the grant is consumed and the call counts as unknown; it is never sent again.
    func recheck(
        _ approved: ApprovedCall, _ caller: Caller
    ) async -> Result<ClearedCall, RefusedRequest> {
        let recorded = approved.recorded
        let decided = recorded.decided
        // The preconditions are read first, because reading takes time and all other checks must follow it.
        if approved.hasGrant, let refusal = await changedGround(of: approved, caller) {
            return .failure(recorded.refused(refusal))
        }
        let search = await searchAgain(decided.judged.search, decided.resolved)
        let snapshot = gateway.policy.snapshot(for: recorded.call.principal.agent)
        // These checks precede the use of a grant, so that none is wasted.
        if let refusal = obstacle(to: recorded, caller, under: snapshot) {
            if refusal == .pinChanged, let grant = approved.grant {
                _ = await gateway.approvals.change(grant.id, .void(.pinChanged))
            }
            return .failure(recorded.refused(refusal))
        }
        // An elevation may have ended while the intent was written; new ones only add permissions. A result of evals may
        // have been replaced or become too old.
        guard
            snapshot !== decided.resolved.policy || approved.hasGrant
                || decided.facts.elevations != nil || search.finding != nil
                || gateway.evalFact(
                    of: recorded.call.principal, under: snapshot, at: gateway.clock.wall)
                    != .passed
        else {
            return clear(
                approved, under: decided.decision, search, asksHostUser: decided.asksHostUser)
        }
        let arguments = decided.resolved.arguments
        let data = snapshot.dataObligations(
            of: recorded.address, for: recorded.call.principal.agent)
        guard data?.argumentsDropped(from: arguments) ?? arguments == arguments else {
            return .failure(
                recorded.refused(.changed("obligations", "the policy now keeps an argument back")))
        }
        return await release(
            approved,
            under: judge(
                decided.resolved, search, under: snapshot, beside: recorded.held, breaker: .free))
    }

    /// Releases the call if a grant covers what the policy requires now.
    private func release(
        _ approved: ApprovedCall, under judged: JudgedCall
    ) async -> Result<ClearedCall, RefusedRequest> {
        let recorded = approved.recorded
        let again = judged.decision
        func refuse(_ refusal: Refusal) -> Result<ClearedCall, RefusedRequest> {
            .failure(recorded.refused(refusal, again: judged))
        }
        if again.verdict == .deny {
            if let grant = approved.grant {
                _ = await gateway.approvals.change(grant.id, .void(.policyDenies))
            }
            return refuse(.denied(by: judged))
        }
        guard !approved.hasGrant || again.data == recorded.decision.data else {
            return refuse(.changed("obligations", "the policy's obligations have changed"))
        }
        if let refusal = unwitnessedStrength(of: again, recorded) { return refuse(refusal) }
        guard let grant = approved.grant else {
            guard again.verdict == .allow else {
                return refuse(.unapproved(by: again))
            }
            return clear(
                approved, under: again, judged.search,
                asksHostUser: judged.asksHostUser(about: recorded.call))
        }
        switch await gateway.approvals.use(grant, for: recorded, under: judged) {
        // People decided, so the host's own user is not asked.
        case .success(let entry):
            return clear(approved, under: again, judged.search, asksHostUser: false, entry)
        case .failure(let refusal): return refuse(refusal)
        }
    }

    /// Refuses a call about which the host must ask its own user, and cannot.
    private func clear(
        _ approved: ApprovedCall, under decision: Decision, _ search: ArgumentSearch,
        asksHostUser: Bool, _ entry: ApprovalUseEntry? = nil
    ) -> Result<ClearedCall, RefusedRequest> {
        let recorded = approved.recorded
        guard !asksHostUser || recorded.call.host?.canAskUser == true else {
            return .failure(recorded.refused(.noHostPrompt))
        }
        return .success(
            ClearedCall(
                approved: approved, under: decision, search, asksHostUser: asksHostUser, entry))
    }
}

extension Refusal {
    fileprivate static let noHostPrompt = Refusal(
        .denied, "policy", "host-prompt",
        "the policy wants the host to ask its user about this call, and it cannot do that here",
        outcome: .notExecuted)

    static func changed(_ reason: String, _ sentence: String) -> Refusal {
        Refusal(.denied, "policy", reason, sentence, outcome: .notExecuted)
    }
}
