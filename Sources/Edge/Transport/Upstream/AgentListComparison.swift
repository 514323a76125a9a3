import InterlockJSON
import InterlockModel
import InterlockPorts

/// The lists that agents' sessions announced, as far as they differ from those of the gateway's own
/// session. A session is asked by one task at a time.
struct AgentListComparison: Sendable {
    private var known: [SessionKey: AgentLists] = [:]
    /// The sessions that are being asked. True if one announced a change since it was asked last.
    private var asked: [SessionKey: Bool] = [:]

    /// - Returns: whether nobody asks the session yet.
    mutating func ask(_ key: SessionKey) -> Bool { asked.updateValue(true, forKey: key) == nil }

    /// - Returns: false if it announced nothing since it was asked; then the next announcement begins anew.
    mutating func next(_ key: SessionKey) -> Bool {
        guard asked[key] == true else {
            asked[key] = nil
            return false
        }
        asked[key] = false
        return true
    }

    /// From now on nobody asks the session. The next announcement begins anew.
    mutating func stop(_ key: SessionKey) { asked[key] = nil }

    /// - Parameter lists: nil once the session lists nothing any more.
    mutating func set(_ lists: AgentLists?, of key: SessionKey) { known[key] = lists }

    /// The sessions whose lists differ.
    var differing: [SessionKey] { Array(known.keys) }

    /// Forgets the lists that are equal to these, and returns the others by agent.
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
