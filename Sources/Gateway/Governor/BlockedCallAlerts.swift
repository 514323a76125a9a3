import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
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
            .secretInArguments, .undecodable, .taintDenied:
            true
        case .noPolicy, .halted, .quarantined, .reviewOverdue, .hours, .limit, .controls,
            .approvalRequired, .noApprovers, .observe, .incomplete, .noPurpose,
            .alarmApproval, .taintApproval, .scanFailed:
            false
        // It has an alert of its own.
        case .brokeredValue: false
        }
    }
}

extension Gateway {
    /// Raises the alert about a value of the broker that an agent was about to send, after the record of the denial:
    /// also where the policy denies the call for another reason.
    func alarm(brokeredIn call: RefusedCall, _ search: ArgumentSearch) {
        guard search.finding == .brokered,
            let calls = blockedCalls.take(call.run.agent, .brokeredValue, at: clock.boot)
        else { return }
        var alarm = records.alarm("call.brokered_value", subject: call.run.agent.text)
        alarm.agent = call.run.agent
        alarm.run = call.run.run
        raise(alarm, ["call": .string(call.id.text), "cnt": .integer(calls)])
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
        alarm(brokeredIn: call, judged.search)
    }

    /// Raises the alert about a blocked call, after the record of its denial.
    func alarm(blocked call: RefusedCall, _ reason: DecisionReason, rule: String) {
        guard reason.isBlock, let calls = blockedCalls.take(call.run.agent, reason, at: clock.boot)
        else { return }
        var alarm = records.alarm("call.blocked", subject: call.run.agent.text)
        alarm.agent = call.run.agent
        alarm.run = call.run.run
        raise(
            alarm,
            ["call": .string(call.id.text), "cnt": .integer(calls), "rule": .string(rule.leafText)])
    }
}
