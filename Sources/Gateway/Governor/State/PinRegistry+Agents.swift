import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension PinRegistry {
    /// Withholds from all agents every feature that one agent's session lists in a form that was not reviewed: it is
    /// the same server, and it is unknown which of its processes serves a call.
    ///
    /// - Parameter recorded: the tools and prompts that were already known to differ.
    func compare(
        _ lists: AgentLists, of name: ServerName, under policy: PolicySnapshot,
        _ recorded: Set<ToolName>, _ server: inout Server
    ) {
        guard let definitions = lists.definitions else {
            return withholdAll(
                because: "the session of `\(lists.agent)` announced other lists and gives none",
                &server)
        }
        let entry = policy.lock?.servers[name]
        let sighting = ToolSighting(definitions.tools)
        let sound = sighting.definitions.map {
            (tool: $0.name, live: $0.sightedDigest(hashing: hashing))
        }
        let refused = sighting.refused.compactMap { refused in
            refused.tool.map { (tool: $0, live: hashing.sha256(refused.definition.serialized())) }
        }
        for (tool, live) in sound + refused {
            let pin = knownPin(of: tool, entry, server)
            // A name that the server's own session never listed is offered to no agent while founding.
            guard pin != live, pin != nil || entry != nil else { continue }
            server.offered[tool] = nil
            server.hidden.append(
                HiddenTool(name: tool.text, reason: Self.otherSession(lists.agent, pin)))
            if recorded.contains(tool) {
                server.drifted.insert(tool)
            } else {
                drift(ToolAddress(server: name, tool: tool), from: pin, to: live, &server)
            }
        }
        for definition in PromptSighting(definitions.prompts).definitions {
            let live = definition.sightedDigest(hashing: hashing)
            let pin = server.prompts.pin(of: definition.name, entry, founding: policy.lock == nil)
            guard pin != live, pin != nil || entry != nil else { continue }
            server.prompts.withhold(definition.name, because: Self.otherSession(lists.agent, pin))
            guard let prompt = ToolName(.prompt, definition.name) else { continue }
            if recorded.contains(prompt) {
                server.drifted.insert(prompt)
            } else {
                drift(ToolAddress(server: name, tool: prompt), from: pin, to: live, &server)
            }
        }
    }

    private func withholdAll(because reason: String, _ server: inout Server) {
        for tool in server.offered.keys.sorted() {
            server.hidden.append(HiddenTool(name: tool.text, reason: reason))
        }
        server.offered = [:]
        server.prompts.withholdAll(because: reason)
    }

    private static func otherSession(_ agent: AgentName, _ pin: Digest?) -> String {
        pin == nil
            ? "it is not in the lock, and the session of `\(agent)` lists it"
            : "its definition differs in the session of `\(agent)`"
    }
}
