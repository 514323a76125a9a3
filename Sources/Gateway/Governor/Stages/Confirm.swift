import InterlockApprovals
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A call that was checked again after its last wait, immediately before it is sent.
package struct ConfirmedCall: Sendable {
    package let witnessed: WitnessedCall

    fileprivate init(_ witnessed: WitnessedCall) { self.witnessed = witnessed }
}

extension CallPipeline {
    /// Refuses a call that may no longer be sent, because something changed while the use of its grant was written or
    /// while witnesses were awaited. Makes nothing durable; a used grant stays used.
    ///
    /// A call that waited for neither comes directly from `recheck`, and costs nothing here. After a wait the time
    /// itself has changed, which a decision may depend on, so the call is always decided again.
    func confirm(
        _ witnessed: WitnessedCall, _ caller: Caller
    ) async -> Result<ConfirmedCall, RefusedRequest> {
        let cleared = witnessed.cleared
        guard cleared.hasGrant || witnessed.hasWaited else { return sent(witnessed) }
        let recorded = cleared.recorded
        // The search is first, because it may take time and all other checks must follow it.
        let search = await searchAgain(cleared.search, recorded.resolved)
        let snapshot = gateway.policy.snapshot(for: recorded.call.principal.agent)
        if let refusal = obstacle(to: recorded, caller, under: snapshot) {
            return .failure(recorded.refused(refusal))
        }
        if let grant = cleared.approved.grant, gateway.approvals.hasLapsedVote(grant) {
            return .failure(recorded.refused(.spent))
        }
        let judged = judge(
            recorded.resolved, search, under: snapshot, beside: recorded.held, breaker: .free)
        if let refusal = change(of: cleared, to: judged) {
            return .failure(recorded.refused(refusal, again: judged))
        }
        return sent(witnessed)
    }

    /// The units of the call are used from here on, if they may be. On a node of a cluster a call whose grant was used is
    /// judged once more by the chain: nothing waits between this and the sending.
    private func sent(_ witnessed: WitnessedCall) -> Result<ConfirmedCall, RefusedRequest> {
        let recorded = witnessed.cleared.recorded
        if let refusal = gateway.nodeRefusal(ofUseBy: witnessed.cleared) {
            return .failure(recorded.refused(refusal))
        }
        if let refusal = gateway.sendUnits(of: recorded) {
            return .failure(recorded.refused(refusal))
        }
        return .success(ConfirmedCall(witnessed))
    }

    /// Returns the reason why a call may not be sent, apart from the policy's decision. Allocates nothing if there is
    /// no obstacle.
    func obstacle(
        to recorded: RecordedCall, _ caller: Caller, under snapshot: PolicySnapshot
    ) -> Refusal? {
        let principal = recorded.call.principal
        if let halt = gateway.halt(of: principal, recorded.address) { return .halted(by: halt) }
        if let refusal = gateway.nodeRefusal(of: recorded) { return refusal }
        if let fault = fault(of: principal, caller.current(of: recorded.call), under: snapshot) {
            return .credentialEnded(fault)
        }
        if let refusal = gateway.openBreaker(of: recorded.address) { return refusal }
        return obstacle(toMoreOf: recorded, under: snapshot)
    }

    /// Returns the reason why nothing more may be sent for a call, apart from halts, credentials and the policy's decision:
    /// its run is paused, its tool is not the one that was decided about, or a new policy no longer admits all of its
    /// arguments.
    func obstacle(toMoreOf recorded: RecordedCall, under snapshot: PolicySnapshot) -> Refusal? {
        let run = recorded.call.principal.run
        if gateway.breakers.isPaused(run) { return gateway.pausedRefusal(of: run) }
        let pin = gateway.pins.pinned(recorded.address, under: snapshot)
        guard pin?.digest == recorded.resolved.pin?.digest else { return .pinChanged }
        guard snapshot !== recorded.resolved.policy, recorded.call.method != .complete,
            let violation = pin?.violation(
                of: recorded.resolved.arguments, at: recorded.address, under: snapshot)
        else { return nil }
        return .extraSince(violation)
    }

    /// Returns nil if the caller would be identified now as it was when the request arrived.
    private func fault(
        of principal: Principal, _ caller: Caller, under snapshot: PolicySnapshot
    ) -> IdentityFailure? {
        let now = gateway.clock.wall
        guard let agent = snapshot.agents[principal.agent] else {
            return .unknownAgent(principal.agent.text)
        }
        guard !gateway.isOverdue(agent, at: now) else {
            return .overdueAgent(principal.agent.text)
        }
        guard gateway.admits(principal, of: agent, from: caller.credential.workload) else {
            return .foreignWorkload
        }
        return caller.credential.fault(of: principal, gateway.ports.authenticator, at: now)
    }

    /// Returns a refusal if a later decision about a cleared call exceeds what was cleared.
    func change(of cleared: ClearedCall, to judged: JudgedCall) -> Refusal? {
        let again = judged.decision
        if again.verdict == .deny { return .denied(by: judged) }
        guard again.data == cleared.data else {
            return .changed("obligations", "the policy's obligations have changed")
        }
        guard again.verdict == .allow || cleared.released?.asksTheSame(as: again) == true else {
            return .unapproved(by: again)
        }
        guard
            cleared.asksHostUser || cleared.hasGrant || !judged.asksHostUser(about: cleared.call)
        else { return .changed("host-prompt", "the policy now wants the host to ask its user") }
        return unwitnessedStrength(of: again, cleared.recorded)
    }

    /// Returns a refusal if a later decision requires a stronger record than the one that was written.
    func unwitnessedStrength(of again: Decision, _ recorded: RecordedCall) -> Refusal? {
        gateway.strength(of: again, recorded.address) <= recorded.decided.strength
            ? nil : .changed("durability", "the policy now asks for a stronger record of the call")
    }
}

extension Caller {
    /// Returns the request through which a call is answered now: a parked call has a new one for each retry.
    func current(of call: Call) -> Caller {
        guard let input = call.input else { return self }
        return (input as? ParkedCall)?.caller ?? self
    }
}

extension Decision {
    /// Returns whether `other` requires the same approvers as this decision.
    fileprivate func asksTheSame(as other: Decision) -> Bool {
        verdict == other.verdict && group == other.group && effects == other.effects
            && eligible == other.eligible && proposer == other.proposer && tier == other.tier
            && stage == other.stage && environment == other.environment
    }
}

extension Refusal {
    /// The refusal of a call about which the policy now asks people.
    static func unapproved(by decision: Decision) -> Refusal {
        let reason: DecisionReason =
            decision.reason == .taintApproval ? .taintApproval : .approvalRequired
        return .changed(reason.rawValue, "the policy now asks for approval")
    }

    static let pinChanged = Refusal.changed("quarantined", "the tool's definition changed")

    /// The refusal of arguments that fitted under the policy before.
    fileprivate static func extraSince(_ violation: ArgumentViolation) -> Refusal {
        Refusal(
            .denied, "schema", violation.kind.rawValue,
            rule: "schema",
            "the policy no longer admits arguments that the tool's schema does not name",
            outcome: .notExecuted)
    }

    fileprivate static func credentialEnded(_ fault: IdentityFailure) -> Refusal {
        Refusal(
            .denied, "access", fault.reason, "\(fault.explanation), so the call was not sent",
            outcome: .notExecuted)
    }
}
