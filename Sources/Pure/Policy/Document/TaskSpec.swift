package import InterlockJSON
package import InterlockModel

/// A task: the tools, resources and prompts that a run of one agent with this purpose may use
/// (docs/specs/output-safety.md, section 7). It grants nothing.
package struct TaskSpec: PolicyPart {
    package let name: RunTaskName
    let agent: Located<String>
    /// The tools as written, `server.tool`; at least one.
    package let tools: [Located<String>]
    package let place: PolicyLocation
    package let path: String
    private let addresses: Set<ToolAddress>

    init?(_ member: TypedValue.Member, _ findings: inout Findings) {
        guard let name = RunTaskName(member.key),
            let agent = member.value["agent"]?.located(\.text),
            let list = member.value["tools"]
        else { return nil }
        self.name = name
        self.agent = agent
        tools = list.texts
        place = member.keyPlace
        path = member.value.path
        if list.items.isEmpty, !ReportedPaths(findings).contains(list.path) {
            findings.add(
                .wrongShape, at: list, "\(name): `tools` is empty",
                help: "name the tools of the task, or leave it out")
        }
        var addresses: Set<ToolAddress> = []
        for tool in tools {
            guard let address = ToolAddress(dotted: tool.value) else { continue }
            if !addresses.insert(address).inserted {
                findings.add(.duplicateName, at: tool, "\(name): duplicate tool `\(tool.value)`")
            }
        }
        self.addresses = addresses
    }

    package func isOf(_ agent: AgentName) -> Bool {
        self.agent.value.utf8.elementsEqual(agent.text.utf8)
    }

    package func contains(_ address: ToolAddress) -> Bool { addresses.contains(address) }

    /// The task with its tools, for people: `refund-damaged: tickets.get_ticket, billing.get_invoice`.
    package var words: String {
        "\(name): " + tools.map(\.value).joined(separator: ", ")
    }

    package var json: JSONValue {
        [
            "task": .string(name.text), "tools": .array(tools.map { .string($0.value) }),
            "at": .string(place.description),
        ]
    }
}
