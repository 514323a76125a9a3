package import InterlockJSON
package import InterlockModel

/// One limit that a tool's calls count towards, as the policy states it.
package struct LimitUse: Sendable, Hashable {
    /// The name in reservations and counters: `calls`, `server.tool` or `spend:args.field`.
    package let name: String
    /// The key of the calls that are counted together: the name and, for spend, the tool as well.
    package let key: String
    /// The summed argument; nil if the limit counts calls, or if the field is no path of an argument.
    package let sum: Sum?
    /// The length of the window: 1, 60, 3,600 or 86,400.
    package let seconds: Int64
    /// The maximum in a window, before the share of the agent's trust stage is applied.
    package let stated: Int64

    /// True if the limit sums up an argument instead of counting calls.
    package var isSum: Bool { name.hasPrefix(Self.sumPrefix) }

    /// Begins the names of sums.
    static let sumPrefix = "spend:"

    init(name: String, key: String, _ rate: Rate, sum: Sum? = nil) {
        self.name = name
        self.key = key
        self.sum = sum
        seconds = rate.windowSeconds
        stated = rate.count
    }

    /// Makes a limit that the gateway's configuration states instead of the policy.
    ///
    /// - Parameter seconds: 1, 60, 3,600 or 86,400.
    package init(name: String, seconds: Int64, stated: Int64) {
        self.name = name
        key = name
        sum = nil
        self.seconds = seconds
        self.stated = stated
    }

    /// - Parameter percent: the share of the trust stage.
    package func most(_ percent: Int64) -> Int64 { AgentTerms.share(percent, of: stated) }

    /// An argument that a limit sums up, and the tool whose calls have it.
    package struct Sum: Sendable, Hashable {
        package let argument: ArgumentPath
        package let tool: ToolAddress
    }
}

/// The amount that a call takes from a limit while it is counted.
package struct Reservation: Sendable, Hashable {
    package let use: LimitUse
    package let amount: Int64

    package var json: JSONValue { ["limit": .string(use.name), "n": .integer(amount)] }
}

/// A limit of a compiled cell.
struct LimitSlot: Sendable {
    let use: LimitUse
    /// The argument that is summed up, or nil to count calls.
    let field: FieldPath?
    let path: String
    let place: PolicyLocation
    /// False for the limit of the tier, which applies to an agent that states no limit of calls.
    let isStated: Bool

    /// Returns nil if the argument is missing, negative or not an integer.
    func reservation(_ arguments: JSONValue) -> Reservation? {
        guard let field else { return Reservation(use: use, amount: 1) }
        guard let amount = value(at: field, in: arguments), amount >= 0 else { return nil }
        return Reservation(use: use, amount: amount)
    }

    /// Returns true if the used amount leaves room for `amount`.
    func admits(_ amount: Int64, used: Int64, percent: Int64) -> Bool {
        let (sum, overflow) = used.addingReportingOverflow(amount)
        return !overflow && sum <= use.most(percent)
    }

    private func value(at field: FieldPath, in arguments: JSONValue) -> Int64? {
        guard let path = field.below("args"), !path.isHere else { return nil }
        var value: JSONValue? = arguments
        for name in path.names { value = value?[name] }
        return value?.integer
    }
}

extension PolicySnapshot {
    /// All tools that the policy describes, sorted.
    package var toolAddresses: [ToolAddress] { table.rows.map(\.address) }

    /// Returns true if the policy describes a tool of this server that only reads.
    package func hasRead(at server: ServerName) -> Bool { table.hasRead(at: server) }

    /// All limits of an agent, regardless of the tool.
    package func limits(of agent: AgentName) -> Set<LimitUse> {
        Set((agents[agent]?.cells.cells ?? []).flatMap { $0.limits.map(\.use) })
    }

    /// The tools that a rule of the policy gives an agent, in no particular order.
    package func callable(by agent: AgentName) -> [ToolAddress] {
        (agents[agent]?.cells.cells ?? []).flatMap(\.tools).map { table.rows[$0].address }
    }

    /// The limits that an agent's calls of a tool count towards; empty if the agent cannot call it.
    package func limits(
        of address: ToolAddress, for agent: AgentName, elevations: ElevationSet? = nil
    ) -> [LimitUse] {
        guard let entry = agents[agent], let tool = table.number(of: address) else { return [] }
        let cell =
            elevations?.cell(tool, of: agent, under: digest)
            ?? entry.cells.cell(of: tool, kind: table.kindOfRow[tool])
        return cell?.limits.map(\.use) ?? []
    }
}
