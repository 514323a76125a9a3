import InterlockAlerts
import InterlockJSON
import InterlockModel
import InterlockPolicy
import Synchronization

/// Lets an agent's blocked calls raise an alarm now and then: each has its record, and people need to hear
/// of them once, not at the speed of a loop.
package final class BlockedCallAlerts: Sendable {
    /// Between two alarms about one agent and reason.
    static let interval: Duration = .seconds(60)
    /// Above this many pairs those are forgotten that may raise an alarm anyway.
    static let most = 20_000

    private struct Pair: Hashable {
        let agent: AgentName
        let reason: DecisionReason
    }
    private struct Last {
        let raised: BootTime
        /// Calls since.
        var held: Int64 = 0
    }
    private let pairs = Mutex<[Pair: Last]>([:])

    package init() {}

    /// - Returns: how many calls an alarm now is about, this one included; nil when it is not time.
    func take(_ agent: AgentName, _ reason: DecisionReason, at now: BootTime) -> Int64? {
        let pair = Pair(agent: agent, reason: reason)
        return pairs.withLock { pairs in
            guard let last = pairs[pair], now < last.raised + Self.interval else {
                let held = pairs[pair]?.held ?? 0
                if pairs.count >= Self.most {
                    pairs = pairs.filter { now < $0.value.raised + Self.interval }
                }
                // Full of fresh pairs: rather no alarm about one more than no bound.
                guard pairs.count < Self.most else { return nil }
                pairs[pair] = Last(raised: now)
                return held + 1
            }
            pairs[pair]?.held += 1
            return nil
        }
    }
}

extension DecisionReason {
    /// Out of the agent's scope, or forbidden: nothing that a person could approve.
    var isBlock: Bool {
        switch self {
        case .unknownAgent, .unlistedTool, .forbid, .noGrant, .guardFalse: true
        case .noPolicy, .halted, .quarantined, .reviewOverdue, .hours, .limit, .controls,
            .approvalRequired, .noApprovers, .observe, .incomplete, .noPurpose:
            false
        }
    }
}

extension Gateway {
    /// After the record of a denial, which `call` names.
    func alarm(blocked call: Call, _ reason: DecisionReason, rule: String) {
        guard reason.isBlock,
            let calls = blockAlarms.take(call.principal.agent, reason, at: clock.boot)
        else { return }
        var alarm = records.alarm("call.blocked", subject: call.principal.agent.text)
        alarm.agent = call.principal.agent
        alarm.run = call.principal.run
        raise(
            alarm,
            [
                "call": .string(call.id.text), "cnt": .integer(calls),
                "rule": .string(rule.leafText),
            ])
    }
}
