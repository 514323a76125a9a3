package import InterlockModel

/// Every tool, resource and prompt of every server, by a small number, with the rules that match it. Rules
/// are matched here, once, and never while a call waits.
package struct ToolTable: Sendable {
    package final class Row: Sendable {
        package let address: ToolAddress
        package let spec: ToolSpec
        let environment: String
        /// The positions in `forbids` and `effectRules` of the document.
        package let forbids: [Int]
        package let effectRules: [Int]
        /// The obligations of the tool and its server on every agent's calls.
        let data: DataObligations

        init(_ tool: ToolSpec, of server: ServerSpec, _ document: PolicyDocument) {
            let address = ToolAddress(server: server.name, tool: tool.name)
            self.address = address
            spec = tool
            environment = server.environment
            forbids = matching(document.forbids, address, tool)
            effectRules = matching(document.effectRules, address, tool)
            data = tool.data.union(server.data)
        }
    }

    /// The rows, sorted by address.
    package let rows: [Row]
    let kinds: [ToolKind]
    /// The number of the kind of each row.
    let kindOfRow: [Int]
    private let numbers: [ToolAddress: Int]
    private let servers: [String: Server]

    private struct Server {
        /// The rows of the server, contiguous because all rows are sorted by address.
        let rows: Range<Int>
        let kinds: Range<Int>
        let number: Int
    }

    /// Returns true if a server has a tool that only reads.
    func hasRead(at server: ServerName) -> Bool {
        servers[server.text].map { kinds[$0.kinds].contains { $0.toolClass == .read } } ?? false
    }

    package init(_ document: PolicyDocument) {
        var rows: [Row] = []
        var kinds: [ToolKind] = []
        var kindOfRow: [Int] = []
        var servers: [String: Server] = [:]
        for (number, server) in document.servers.enumerated() {
            let (firstRow, firstKind) = (rows.count, kinds.count)
            rows += server.tools.map { Row($0, of: server, document) }
            let alike = Dictionary(grouping: firstRow..<rows.count) { rows[$0].likeness }
            kindOfRow += [Int](repeating: firstKind, count: server.tools.count)
            for tools in alike.values.sorted(by: { $0[0] < $1[0] }) {
                for tool in tools { kindOfRow[tool] = kinds.count }
                kinds.append(
                    ToolKind(
                        number: kinds.count, server: number, tools: tools, like: rows[tools[0]],
                        document))
            }
            servers[server.name.text] = Server(
                rows: firstRow..<rows.count, kinds: firstKind..<kinds.count, number: number)
        }
        var numbers: [ToolAddress: Int] = [:]
        for (number, row) in rows.enumerated() { numbers[row.address] = number }
        self.rows = rows
        self.kinds = kinds
        self.kindOfRow = kindOfRow
        self.numbers = numbers
        self.servers = servers
    }

    package func number(of address: ToolAddress) -> Int? { numbers[address] }
    /// - Parameter text: `server.tool`; any text that is not a listed tool gives nil.
    package func number(of text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        return parts.count == 2 ? number(of: parts[1], at: parts[0]) : nil
    }
    package func number(of tool: String, at server: String) -> Int? {
        guard let server = ServerName(server), let tool = ToolName(item: tool) else { return nil }
        return numbers[ToolAddress(server: server, tool: tool)]
    }
    func serverNumber(_ server: String) -> Int? { servers[server]?.number }
    /// The rows of a server, or nil if the policy has no such server.
    package func numbers(of server: String) -> Range<Int>? { servers[server]?.rows }
    func kinds(of server: String) -> ArraySlice<ToolKind> { kinds[servers[server]?.kinds ?? 0..<0] }
    func kind(of tool: Int) -> ToolKind { kinds[kindOfRow[tool]] }
}

private func matching(_ rules: [RuleSpec], _ address: ToolAddress, _ tool: ToolSpec) -> [Int] {
    rules.indices.filter { rules[$0].matches(address, tool.toolClass) }
}
