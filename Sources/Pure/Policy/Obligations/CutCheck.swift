import InterlockJSON
import InterlockModel

/// Reports `overflow: truncate` of tools with a reviewed output schema (W240). Such a tool returns structured content,
/// which is never cut, so that a longer result is withheld.
func lintCuts(_ document: PolicyDocument, _ lock: PolicyLock?, _ findings: inout Findings) {
    guard let lock else { return }
    func report(_ tools: [ToolAddress], at part: some PolicyPart, _ findings: inout Findings) {
        guard !tools.isEmpty else { return }
        let names = tools.map { "`\($0)`" }.joined(separator: ", ")
        findings.add(
            .cutWithoutEffect, at: part,
            "data: results of \(names) are withheld, not cut: structured content is never cut",
            help: "leave `overflow` out, and name the needed fields in `keep`")
    }
    func isStructured(_ address: ToolAddress) -> Bool {
        lock.tool(address)?.definition["outputSchema"] != nil
    }
    for server in document.servers {
        let written = document.root["servers"]?[server.name.text]
        var reads: [ToolAddress] = []
        for tool in server.tools where tool.name.kind == .tool && tool.toolClass == .read {
            let address = ToolAddress(server: server.name, tool: tool.name)
            guard isStructured(address) else { continue }
            reads.append(address)
            guard tool.data.overflow == .truncate else { continue }
            if let stated = written?["tools"]?[tool.name.text]?["data"]?["overflow"] {
                report([address], at: stated, &findings)
            }
        }
        if server.data.overflow == .truncate, let stated = written?["data"]?["overflow"] {
            report(reads, at: stated, &findings)
        }
    }
    for agent in document.agents {
        for data in agent.data ?? [] where data.obligations.overflow == .truncate {
            guard let address = ToolAddress(dotted: data.tool.value), isStructured(address) else {
                continue
            }
            report([address], at: data.tool, &findings)
        }
    }
}
