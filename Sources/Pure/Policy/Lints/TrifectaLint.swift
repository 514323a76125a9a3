import InterlockJSON
package import InterlockModel

/// W244: one agent reads sensitive data and what outsiders write, and can send. A model that obeys the outsiders' text then
/// carries the data out (docs/specs/output-safety.md, section 7).
struct TrifectaLint {
    let document: PolicyDocument
    let table: ToolTable
    let agent: AgentSpec
    /// The cells that can be granted now or later.
    let cells: [Cell]

    /// The three parts by name, or nil if one is missing.
    var sentence: String? {
        guard
            let sensitive = tool(where: {
                $0.kind.toolClass == .read && $0.allEffects.has(.sensitiveData)
            }),
            let outside = tool(where: { $0.allEffects.has(.read) }, having: isOutside),
            let exit
        else { return nil }
        return "\(agent.name.text): reads sensitive data by \(sensitive) and what outsiders write "
            + "by \(outside), and can send by \(exit)"
    }

    /// The first way out. `taint` does not bind the processes of a run; of an agent that has it, people decide about calls
    /// after outsiders' text. A tool of which an effect rule makes only some calls face customers is no way out.
    private var exit: String? {
        if let host = agent.egress?.first { return "egress to \(host.value)" }
        guard agent.taint == nil else { return nil }
        return tool(where: { $0.kind.sends || $0.effects.has(.customerFacing) })
    }

    private func isOutside(_ row: ToolTable.Row) -> Bool {
        document.hasOutsideContent(in: row.address, row.spec.flow)
    }

    /// Returns the first tool in the order of addresses.
    private func tool(
        where isMeant: (Cell) -> Bool, having: (ToolTable.Row) -> Bool = { _ in true }
    ) -> String? {
        let numbers = cells.filter { isMeant($0) }.flatMap(\.tools).sorted()
        guard let number = numbers.first(where: { having(table.rows[$0]) }) else { return nil }
        return table.rows[number].address.description
    }
}

extension PolicyDocument {
    /// Returns true if outsiders write some of what calls of a tool return. A coding agent's own tool counts if it can read
    /// beyond the workspace.
    package func hasOutsideContent(in tool: ToolAddress, _ flow: ToolFlow) -> Bool {
        guard tool.server != HostServer.name else {
            return !HostServer.readsWorkspaceAlone(tool, JSONValue.null)
        }
        let trust = resolver.server(tool.server.text)?.reviewed?.trust
        return flow.hasOutsideContent(onInternalServer: trust == .internal)
    }
}
