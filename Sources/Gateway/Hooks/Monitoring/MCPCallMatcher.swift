import InterlockJSON
import InterlockModel

/// Matches the calls of MCP tools that reach the gateway from one run with the events of its hook. Each event covers one
/// call, whenever that comes: the host may ask its user in between.
struct MCPCallMatcher: Sendable {
    /// A call without an event.
    struct Arrival: Sendable, Hashable {
        let key: Digest
        let call: CallID
        let tool: ExactText
        let at: BootTime
    }

    /// The time that the event of a call has, which should have come before it. The monitor looks each second, so a call
    /// without one is noticed within 5 s.
    static let patience = Duration.seconds(4)
    /// The most events without a call, and the most calls without an event.
    static let most = 256

    private struct Pass {
        let key: Digest
        let session: Digest
        /// The host's name of the call: two events may concern one call.
        let call: Digest?
    }
    private var passes: [Pass] = []
    private var arrivals: [Arrival] = []

    /// Notes an event that was passed on.
    mutating func pass(_ key: Digest, session: Digest, call: Digest?) {
        if let waiting = arrivals.firstIndex(where: { $0.key == key }) {
            arrivals.remove(at: waiting)
            return
        }
        guard call == nil || !passes.contains(where: { $0.call == call && $0.session == session })
        else { return }
        // The oldest is a call that the host's user refused.
        if passes.count == Self.most { passes.removeFirst() }
        passes.append(Pass(key: key, session: session, call: call))
    }

    /// Notes a call at the gateway.
    mutating func arrive(_ arrival: Arrival) {
        if let event = passes.firstIndex(where: { $0.key == arrival.key }) {
            passes.remove(at: event)
        } else if arrivals.count < Self.most {
            arrivals.append(arrival)
        }
    }

    /// Forgets the events of a session that ended: none of their calls follows.
    mutating func end(_ session: Digest) { passes.removeAll { $0.session == session } }

    /// Returns the calls whose event did not come in time, each once.
    mutating func overdue(at now: BootTime) -> [Arrival] {
        let found = arrivals.filter { now - $0.at >= Self.patience }
        if !found.isEmpty { arrivals.removeAll { now - $0.at >= Self.patience } }
        return found
    }
}
