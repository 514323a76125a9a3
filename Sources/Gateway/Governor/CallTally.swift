package import InterlockModel
import Synchronization

/// The counts of calls by agent, tool and end, and of refusals by code, for `/metrics`. Names come from the registry
/// and the pins, codes from this program; no value that an agent invents is stored.
package final class CallTally: Sendable {
    package enum End: String, Sendable {
        case allow, deny, withheld, failed

        /// Hashes a constant, because the default hashes the raw value's string on every call.
        package func hash(into hasher: inout Hasher) {
            switch self {
            case .allow: hasher.combine(0)
            case .deny: hasher.combine(1)
            case .withheld: hasher.combine(2)
            case .failed: hasher.combine(3)
            }
        }
    }

    package struct Call: Hashable, Sendable {
        package let agent: AgentName
        /// The feature, or nil if the name is unknown.
        package let address: ToolAddress?
        package let end: End
    }

    package struct DeniedRequest: Hashable, Sendable {
        package let agent: AgentName
        package let code: String
    }

    private struct State {
        var calls: [Call: Int64] = [:]
        var denials: [DeniedRequest: Int64] = [:]
        var limits: [String: Int64] = [:]
        var dropped: Int64 = 0
    }
    private let state = Mutex(State())

    /// The most entries of each kind. A further combination is counted as dropped, and not stored.
    static let maximumKept = 5000

    package init() {}

    func count(_ end: End, of agent: AgentName, at address: ToolAddress?) {
        let call = Call(agent: agent, address: address, end: end)
        state.withLock { $0.dropped += Self.count(call, in: &$0.calls) }
    }

    /// Counts a refused call under the code of its record.
    func countDenial(of agent: AgentName, at address: ToolAddress?, code: String) {
        let call = Call(agent: agent, address: address, end: .deny)
        let denial = DeniedRequest(agent: agent, code: code)
        state.withLock { state in
            state.dropped += Self.count(call, in: &state.calls)
            state.dropped += Self.count(denial, in: &state.denials)
        }
    }

    /// Counts a call that a limit of the policy refused.
    func count(limit: String) { state.withLock { $0.dropped += Self.count(limit, in: &$0.limits) } }

    /// Counts series that a scrape had to omit.
    package func drop(_ count: Int) { state.withLock { $0.dropped += Int64(count) } }

    package var calls: [Call: Int64] { state.withLock { $0.calls } }
    package var denials: [DeniedRequest: Int64] { state.withLock { $0.denials } }
    package var limits: [String: Int64] { state.withLock { $0.limits } }
    package var dropped: Int64 { state.withLock { $0.dropped } }

    /// - Returns: 1 if the key is not stored, otherwise 0.
    private static func count<Key: Hashable>(_ key: Key, in counts: inout [Key: Int64]) -> Int64 {
        if let place = counts.index(forKey: key) {
            counts.values[place] += 1
            return 0
        }
        guard counts.count < maximumKept else { return 1 }
        counts[key] = 1
        return 0
    }
}

extension Gateway {
    /// Counts a refused call, whatever refused it.
    func countDenial(of agent: AgentName, at address: ToolAddress?, code: String) {
        counters.denied.count()
        tally.countDenial(of: agent, at: address, code: code)
    }
}
