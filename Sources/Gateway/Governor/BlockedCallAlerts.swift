import InterlockAlerts
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import InterlockSafety
import Synchronization

/// Limits the alerts about an agent's blocked calls: each call has its record, and people are notified at intervals,
/// not at the speed of a loop.
package final class BlockedCallAlerts: Sendable {
    /// The least time between two alerts about one agent and reason.
    static let interval: Duration = .seconds(60)
    /// The most pairs that are remembered; above it, pairs whose interval has passed are forgotten.
    static let most = 20_000

    private struct Pair: Hashable {
        let agent: AgentName
        let reason: DecisionReason
    }
    private struct LastAlert {
        let raised: BootTime
        /// The number of calls since the last alert.
        var held: Int64 = 0
    }
    private let pairs = Mutex<[Pair: LastAlert]>([:])

    package init() {}

    /// - Returns: the number of calls that an alert now covers, including this one, or nil if no alert is due.
    func take(_ agent: AgentName, _ reason: DecisionReason, at now: BootTime) -> Int64? {
        let pair = Pair(agent: agent, reason: reason)
        return pairs.withLock { pairs in
            guard let last = pairs[pair], now < last.raised + Self.interval else {
                let held = pairs[pair]?.held ?? 0
                if pairs.count >= Self.most {
                    pairs = pairs.filter { now < $0.value.raised + Self.interval }
                }
                // All remembered pairs are recent: the bound takes precedence, so a further pair raises no alert.
                guard pairs.count < Self.most else { return nil }
                pairs[pair] = LastAlert(raised: now)
                return held + 1
            }
            pairs[pair]?.held += 1
            return nil
        }
    }
}

extension DecisionReason {
    /// True for calls outside the agent's scope or forbidden, which no approval could permit.
    var isBlock: Bool {
        switch self {
        case .unknownAgent, .unlistedTool, .forbid, .noGrant, .guardFalse,
            .secretInArguments, .piiInArguments, .undecodable, .taintDenied, .outOfTask:
            true
        case .noPolicy, .halted, .quarantined, .reviewOverdue, .hours, .limit, .controls,
            .approvalRequired, .noApprovers, .observe, .incomplete, .noPurpose,
            .alarmApproval, .taintApproval, .scanFailed:
            false
        // They have alerts of their own.
        case .brokeredValue, .canary, .evalMissing, .evalFailed, .evalStale, .evalUnsigned,
            .evalThin, .evalUnproven:
            false
        }
    }
}

extension Gateway {
    /// Raises the alert about a canary or a value of the broker that an agent was about to send, after the record of the
    /// denial, and stops its run unless other text may have the value by chance: also where the policy denies the call
    /// for another reason.
    func alarm(registeredIn call: RefusedCall, _ search: ArgumentSearch) {
        let code: String
        let reason: DecisionReason
        switch search.finding {
        case .canary?:
            code = "call.canary"
            reason = .canary
        case .brokered?:
            code = "call.brokered_value"
            reason = .brokeredValue
        case .secret?, .unsearched?, .undecodable?, nil: return
        }
        let (agent, now) = (call.run.agent, clock.now)
        if search.stopsRun {
            ports.ladder.take(
                SentSecret(agent: agent, run: call.run.run, isCanary: reason == .canary, at: now))
        }
        guard let calls = blockedCalls.take(agent, reason, at: now.boot) else { return }
        var alarm = records.alarm(code, subject: agent.text)
        alarm.agent = agent
        alarm.run = call.run.run
        var fields: JSONObject = ["call": .string(call.id.text), "cnt": .integer(calls)]
        fields["cny"] = search.planted.map { .string($0.description) }
        raise(alarm, fields)
    }

    /// Raises the alert about a canary in what a run was about to get from a server or a tool. Each such text is withheld
    /// or has a copy without it. At a host that cannot replace a result the model has read it, and `on_unredactable`
    /// decides about the run.
    package func alarm(canaryIn findings: [ResultFinding], for principal: Principal) {
        let agent = principal.agent
        guard let canary = findings.lazy.compactMap(\.planted).first,
            let texts = foundCanaries.take(agent, .canary, at: clock.boot)
        else { return }
        var alarm = records.alarm("result.canary", subject: agent.text)
        alarm.agent = agent
        alarm.run = principal.run
        raise(alarm, ["cnt": .integer(texts), "cny": .string(canary.description)])
    }

    /// Raises the alerts about answers that an agent's side was about to send to the server of a call, and counts a denial
    /// for the breaker of its run.
    func alarm(refusedInputOf decided: DecidedCall, _ input: RefusedInput) {
        guard let judged = input.judged else { return }
        let (call, decision) = (decided.resolved.refused, judged.decision)
        if decision.verdict == .deny {
            alarm(blocked: call, decision.reason, rule: decision.rule)
            deny(decided.resolved, decided.mark, for: decision.reason)
        }
        alarm(registeredIn: call, judged.search)
    }

    /// Raises the alert about a blocked call, after the record of its denial.
    func alarm(blocked call: RefusedCall, _ reason: DecisionReason, rule: String) {
        guard reason.isBlock, !call.run.agent.isCanary,
            let calls = blockedCalls.take(call.run.agent, reason, at: clock.boot)
        else { return }
        var alarm = records.alarm("call.blocked", subject: call.run.agent.text)
        alarm.agent = call.run.agent
        alarm.run = call.run.run
        raise(
            alarm,
            ["call": .string(call.id.text), "cnt": .integer(calls), "rule": .string(rule.leafText)])
    }
}
