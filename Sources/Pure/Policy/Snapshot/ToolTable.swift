import InterlockModel

/// Every tool of every server, by a small number, with the rules that match it. Rules are matched
/// here, once, and never while a call waits.
struct ToolTable: Sendable {
    /// A class, because it is looked at for every agent and never changes.
    final class Row: Sendable {
        let address: ToolAddress
        let spec: ToolSpec
        let environment: String
        /// Positions in `forbids` and `effectRules` of the document.
        let forbids: [Int]
        let effectRules: [Int]
        /// What the tool and its server demand of every agent's calls.
        let data: DataObligations

        init(
            address: ToolAddress, spec: ToolSpec, environment: String, forbids: [Int],
            effectRules: [Int], data: DataObligations
        ) {
            self.address = address
            self.spec = spec
            self.environment = environment
            self.forbids = forbids
            self.effectRules = effectRules
            self.data = data
        }
    }

    /// Sorted by address.
    let rows: [Row]
    private let numbers: [ToolAddress: Int]
    /// The numbers of a server's tools; contiguous, because rows are sorted by address.
    private let ranges: [String: Range<Int>]

    init(_ document: PolicyDocument) {
        var rows: [Row] = []
        var numbers: [ToolAddress: Int] = [:]
        var ranges: [String: Range<Int>] = [:]
        for server in document.servers {
            let first = rows.count
            for tool in server.tools {
                let address = ToolAddress(server: server.name, tool: tool.name)
                numbers[address] = rows.count
                rows.append(
                    Row(
                        address: address, spec: tool, environment: server.environment,
                        forbids: matching(document.forbids, address, tool),
                        effectRules: matching(document.effectRules, address, tool),
                        data: tool.data.union(server.data)))
            }
            ranges[server.name.text] = first..<rows.count
        }
        self.rows = rows
        self.numbers = numbers
        self.ranges = ranges
    }

    func number(of address: ToolAddress) -> Int? { numbers[address] }
    /// - Parameter text: `server.tool`; nil for what is no listed tool.
    func number(of text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let server = ServerName(parts[0]), let tool = ToolName(parts[1])
        else { return nil }
        return numbers[ToolAddress(server: server, tool: tool)]
    }
    func numbers(of server: String) -> Range<Int>? { ranges[server] }
}

private func matching(_ rules: [RuleSpec], _ address: ToolAddress, _ tool: ToolSpec) -> [Int] {
    rules.indices.filter { rules[$0].matches(address, tool.toolClass) }
}
