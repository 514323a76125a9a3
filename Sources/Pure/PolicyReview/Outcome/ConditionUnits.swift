import InterlockJSON
import InterlockModel
package import InterlockPolicy

/// The units in which conditions on one tool's arguments are put in words.
package struct ConditionUnits: Sendable {
    let units: ToolUnits
    /// The texts that the reviewed schema permits for an argument with a currency.
    let permitted: [ArgumentPath: Set<String>]

    /// The most currencies that a condition names.
    static let mostCurrencies = 3

    package init(_ units: ToolUnits, permitted: [ArgumentPath: Set<String>] = [:]) {
        self.units = units
        self.permitted = permitted
    }

    /// Returns nil if the tool declares no unit.
    init?(_ policy: PolicySnapshot, of tool: ToolAddress) {
        let units = policy.units(of: tool)
        guard !units.isEmpty else { return nil }
        var permitted: [ArgumentPath: Set<String>] = [:]
        if let schema = policy.lock?.inputSchema(of: tool) {
            for case .money(_, .argument(let path)) in units.all.map(\.kind) {
                permitted[path] = schema.permittedTexts(at: path)
            }
        }
        self.init(units, permitted: permitted)
    }

    /// The value of a guard in the unit of an argument, or nil if the argument has none.
    ///
    /// - Parameter known: the texts that the same condition permits for an argument.
    func text(
        of value: JSONValue, for argument: ArgumentPath, known: [ArgumentPath: Set<String>]
    ) -> String? {
        guard let unit = units[argument] else { return nil }
        guard case .money(let scale, .argument(let path)) = unit.kind else {
            return try? UnitFormatter.text(of: value, as: unit.kind, nil)
        }
        guard let currencies = currencies(at: path, known) else {
            // The digits of the currency are not known, so the number keeps its own.
            let name = "\(scale.rawValue) units of \(path.name)"
            return try? UnitFormatter.text(of: value, as: .count(of: name), nil)
        }
        guard let text = try? UnitFormatter.text(of: value, as: unit.kind, currencies[0]) else {
            return nil
        }
        return text + currencies.dropFirst().map { " or " + $0.code }.joined()
    }

    /// The value in the unit that an argument has in every call, or nil if the argument has none, or if the currencies of
    /// calls may differ: a sum over them has no unit.
    func fixedText(of value: JSONValue, for argument: ArgumentPath) -> String? {
        guard let unit = units[argument] else { return nil }
        var currency: Currency?
        if case .money(_, .argument(let path)) = unit.kind {
            guard let currencies = currencies(at: path, [:]), currencies.count == 1 else {
                return nil
            }
            currency = currencies[0]
        }
        return try? UnitFormatter.text(of: value, as: unit.kind, currency)
    }

    /// The possible currencies, by code; nil if they are unknown, too many, or have different digits.
    private func currencies(
        at path: ArgumentPath, _ known: [ArgumentPath: Set<String>]
    ) -> [Currency]? {
        var codes = known[path] ?? permitted[path] ?? []
        if let permitted = permitted[path] { codes.formIntersection(permitted) }
        let currencies = codes.sorted().compactMap(Currency.init)
        guard currencies.count == codes.count, (1...Self.mostCurrencies).contains(codes.count),
            currencies.allSatisfy({ $0.digits == currencies[0].digits })
        else { return nil }
        return currencies
    }
}

extension JSONObject {
    /// The texts that an input schema lists for an argument (`enum` or `const`) which every call has, or nil if it
    /// lists none. What is not understood is ignored, so there may be more texts here than the schema permits, and never
    /// fewer.
    func permittedTexts(at path: ArgumentPath) -> Set<String>? {
        var schema = self
        for name in path.names {
            guard schema["required"]?.array?.contains(.string(name)) == true,
                let inner = schema["properties"]?[name]?.object
            else { return nil }
            schema = inner
        }
        guard let values = schema["enum"]?.array ?? schema["const"].map({ [$0] }) else {
            return nil
        }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? Set(texts) : nil
    }
}
