/// The arguments of a call, taken by kind: one of another kind means that no overload fits.
extension [CELValue] {
    func text(_ place: Int) throws(CELFault) -> String {
        guard case .string(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func bytes(_ place: Int) throws(CELFault) -> [UInt8] {
        guard case .bytes(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func int(_ place: Int) throws(CELFault) -> Int64 {
        guard case .int(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func double(_ place: Int) throws(CELFault) -> Double {
        guard case .double(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func list(_ place: Int) throws(CELFault) -> CELList {
        guard case .list(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func optional(_ place: Int) throws(CELFault) -> CELOptional {
        guard case .optional(let value) = self[place] else { throw noOverload(place) }
        return value
    }

    func noOverload(_ place: Int) -> CELFault { CELFault(.noSuchOverload, self[place].typeName) }
}

extension CELFunction {
    /// `name(...)`, with its namespace.
    static func function(
        _ name: String, _ overloads: [CELOverload], body: @escaping Body
    ) -> CELFunction {
        CELFunction(name, isMember: false, overloads, body: counting(overloads, body))
    }

    /// `receiver.name(...)`
    static func method(
        _ name: String, _ overloads: [CELOverload], body: @escaping Body
    ) -> CELFunction {
        CELFunction(name, isMember: true, overloads, body: counting(overloads, body))
    }

    /// A body that is reached only with as many arguments as some overload has, so that it need not
    /// count them: calls that were not checked may have any number.
    private static func counting(
        _ overloads: [CELOverload], _ body: @escaping Body
    ) -> Body {
        let counts = Set(overloads.map(\.parameters.count))
        return { arguments, budget throws(CELFault) in
            guard counts.contains(arguments.count) else { throw CELFault(.noSuchOverload) }
            return try body(arguments, &budget)
        }
    }
}
