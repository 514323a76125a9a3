import InterlockModel

/// The parts of a policy that this version reads but does not enforce. A promise that is not kept must not
/// look like one: `serve` refuses the first list and prints the second.
package enum Enforcement {
    /// Returns one finding for each location that states more than this version enforces; sorted.
    package static func unsupported(_ document: PolicyDocument) -> [Finding] {
        var findings = Findings()
        func refuse(_ what: String, _ place: PolicyLocation, _ path: String) {
            findings.add(
                .notEnforced, at: place, path: path,
                "\(what): not enforced by this version, so it is not served")
        }
        for agent in document.agents {
            // The host runs its tools with its own arguments, and gives their results to the model itself.
            for data in agent.data ?? [] where data.tool.value.hasPrefix("host.") {
                refuse("data.\(data.tool.value)", data.tool.place, data.tool.path)
            }
        }
        for server in document.servers {
            for key in server.notEnforced { refuse(key.value, key.place, key.path) }
        }
        return findings.all
    }

    /// The parts that the gateway does not enforce because they bind other components, one line each, for
    /// `status`.
    package static func notEnforced(_ document: PolicyDocument) -> [String] {
        document.agents.compactMap { notEnforced($0.sandboxProfile, of: $0.name) }
    }

    fileprivate static func notEnforced(_ sandbox: String?, of agent: AgentName) -> String? {
        sandbox.map { _ in "agents.\(agent).sandbox" }
    }
}

extension PolicySnapshot {
    /// The parts that the gateway does not enforce because they bind other components, one line each.
    package var notEnforced: [String] { Enforcement.notEnforced(document) }

    /// The parts of one agent.
    package func notEnforced(of agent: AgentEntry) -> [String] {
        [Enforcement.notEnforced(agent.sandbox, of: agent.name)].compactMap { $0 }
    }
}
