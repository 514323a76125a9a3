import InterlockEgress
import Synchronization

/// The bytes that a run may still send under each rule. A rule that is loaded again keeps what it has used.
final class EgressBudget: Sendable {
    private let used = Mutex<[EgressRule: UInt64]>([:])

    /// Takes bytes before they are sent.
    /// - Returns: false if they are above the limit of the rule; then nothing is taken.
    func take(_ count: Int, of rule: EgressRule) -> Bool {
        used.withLock { used in
            let before = used[rule, default: 0]
            guard UInt64(count) <= rule.maxBytesUp - min(before, rule.maxBytesUp) else {
                return false
            }
            used[rule] = before + UInt64(count)
            return true
        }
    }

    /// Returns whether a rule that has nothing left may be the one that admits the target.
    func mayBeUsedUp(_ target: EgressTarget) -> Bool {
        used.withLock { used in
            used.contains { rule, count in
                count >= rule.maxBytesUp && rule.ports.contains(target.port)
                    && rule.matches(target.host)
            }
        }
    }

    /// Returns whether a rule has nothing left.
    func isUsedUp(_ rule: EgressRule) -> Bool {
        used.withLock { $0[rule, default: 0] >= rule.maxBytesUp }
    }
}
