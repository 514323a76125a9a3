import InterlockJSON
import InterlockModel
import InterlockPorts

/// The lists of agents' sessions that differ from those of the gateway's own session. A session is listed by one task
/// at a time.
///
/// INVARIANT: a change that any child or session of a server announces is compared with the lock. Kept by
/// `AgentListTests`, `AgentPinTests`, `test_lock.py`.
struct AgentListComparison: Sendable {
    private var known: [SessionKey: AgentLists] = [:]
    /// The sessions that are being listed; true if one announced a change since it was last listed.
    private var asked: [SessionKey: Bool] = [:]

    /// - Returns: true if no task lists the session yet.
    mutating func ask(_ key: SessionKey) -> Bool { asked.updateValue(true, forKey: key) == nil }

    /// - Returns: false if the session announced nothing since it was last listed; the next announcement then starts
    ///   a new task.
    mutating func next(_ key: SessionKey) -> Bool {
        guard asked[key] == true else {
            asked[key] = nil
            return false
        }
        asked[key] = false
        return true
    }

    /// Notes that no task lists the session any more. The next announcement starts a new one.
    mutating func stop(_ key: SessionKey) { asked[key] = nil }

    /// - Parameter lists: nil once the session lists nothing any more.
    mutating func set(_ lists: AgentLists?, of key: SessionKey) { known[key] = lists }

    /// The sessions whose lists differ.
    var differing: [SessionKey] { Array(known.keys) }

    /// Removes the lists that are equal to these, and returns the others by agent.
    mutating func differing(from tools: [JSONValue], _ prompts: [JSONValue]) -> [AgentLists] {
        let own = AgentLists.Definitions(tools: tools, prompts: prompts)
        known = known.filter { $0.value.definitions != own }
        return known.values.sorted { $0.agent < $1.agent }
    }
}

extension AgentLists {
    init(_ agent: AgentName, _ listed: ListedOffers) {
        self.init(agent: agent, tools: listed.tools, prompts: listed.offers.prompts)
    }
}
