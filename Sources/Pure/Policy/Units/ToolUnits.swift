package import InterlockJSON
package import InterlockModel

/// The units that a tool's entry declares for its arguments.
package struct ToolUnits: Hashable, Sendable {
    /// Sorted by argument.
    package let all: [ArgumentUnit]

    package static let none = ToolUnits([])
    /// The most units of one tool; each adds to every review of its calls.
    package static let most = 32

    init(_ units: [ArgumentUnit]) {
        all = units.sorted { $0.argument.names.lexicographicallyPrecedes($1.argument.names) }
    }

    package var isEmpty: Bool { all.isEmpty }

    package subscript(argument: ArgumentPath) -> ArgumentUnit? {
        all.first { $0.argument == argument }
    }

    /// The declared arguments that a call has, each raw and as people read it.
    package func amounts(in arguments: JSONValue) -> [FormattedAmount] {
        all.compactMap { $0.amount(in: arguments) }
    }
}

extension PolicySnapshot {
    /// The units of a tool's arguments; none for a tool that the policy does not describe.
    package func units(of tool: ToolAddress) -> ToolUnits {
        table.number(of: tool).map { table.rows[$0].spec.units } ?? .none
    }

    /// The amounts of a call in the form of a review: an object by argument, or nil if no unit is declared for an
    /// argument that the call has.
    package func reviewedAmounts(of tool: ToolAddress, in arguments: JSONValue) -> JSONValue? {
        let amounts = units(of: tool).amounts(in: arguments)
        guard !amounts.isEmpty else { return nil }
        return .object(JSONObject(distinct: amounts.map { ($0.argument.name, $0.json) }))
    }
}
