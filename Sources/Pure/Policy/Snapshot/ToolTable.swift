import InterlockModel

/// Every tool of every server, by a small number, with the rules that match it. Rules are matched
/// here, once, and never while a call waits.
struct ToolTable: Sendable {
    struct Row: Sendable {
        let address: ToolAddress
        let spec: ToolSpec
        let environment: String
        /// Positions in `forbids` and `effectRules` of the document.
        let forbids: [Int]
        let effectRules: [Int]
    }

    /// Sorted by address.
    let rows: [Row]
    /// The numbers of the tools that a forbid matches.
    let forbidden: [Int]
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
                        effectRules: matching(document.effectRules, address, tool)))
            }
            ranges[server.name.text] = first..<rows.count
        }
        self.rows = rows
        forbidden = rows.indices.filter { !rows[$0].forbids.isEmpty }
        self.numbers = numbers
        self.ranges = ranges
    }

    func number(of address: ToolAddress) -> Int? { numbers[address] }
    func numbers(of server: String) -> Range<Int>? { ranges[server] }
}

private func matching(_ rules: [RuleSpec], _ address: ToolAddress, _ tool: ToolSpec) -> [Int] {
    rules.indices.filter { rules[$0].matches(address, tool.toolClass) }
}
