import InterlockJSON
package import InterlockModel

/// The answer to whether a region is empty, with an input that shows that it is not.
package enum Emptiness: Sendable {
    case empty
    case input(CallInput)
    /// Undecided: the remaining cubes depend on opaque expressions, or the analysis reached a limit.
    case open
}

extension Region {
    /// - Parameter now: the time of the input, if the region leaves it free.
    package func emptiness(in domain: InputDomain, prefer now: Timestamp) -> Emptiness {
        var isOpen = false
        for cube in cubes {
            switch SatisfyingInput(cube: cube, domain: domain, preferred: now).find() {
            case .empty: continue
            case .open: isOpen = true
            case .input(let input): return .input(input)
            }
        }
        return isOpen ? .open : .empty
    }
}

/// Builds an input that lies in a cube.
private struct SatisfyingInput {
    let cube: Cube
    let domain: InputDomain
    let preferred: Timestamp

    func find() -> Emptiness {
        var input = CallInput(now: preferred)
        var isOpen = false
        do throws(AnalysisLimit) {
            for path in cube.paths {
                guard case .place(let names) = path, let constraint = cube.constraints[path] else {
                    isOpen = true
                    continue
                }
                guard names.first != "args" else { continue }
                guard let value = try value(constraint) else { return .empty }
                set(value, at: names, allowing: constraint, in: &input)
            }
            guard let tree = try object(at: ["args"]) else { return .empty }
            input.arguments = tree
        } catch { isOpen = true }
        // The parts were chosen one by one; only the whole shows whether they fit together.
        guard !isOpen, cube.contains(input) else { return .open }
        return .input(input)
    }

    private func set(
        _ value: Choice, at names: [String], allowing constraint: Constraint,
        in input: inout CallInput
    ) {
        let chosen = value.json
        switch names.joined(separator: ".") {
        case "now":
            if !constraint.admits(.integer(preferred.milliseconds)), let time = chosen?.integer {
                input.now = Timestamp(microseconds: time * 1000)
            }
        case "call.tainted": input.isTainted = chosen == true
        case "call.sandboxed": input.isSandboxed = chosen == true
        case "call.on_behalf_of": input.onBehalfOf = chosen?.string
        default: break
        }
    }

    /// A value, or nil for an absent one.
    private struct Choice { let json: JSONValue? }

    /// Returns nil if no value satisfies the constraint.
    private func value(_ constraint: Constraint) throws(AnalysisLimit) -> Choice? {
        let kinds = constraint.kinds
        // Strings and numbers come first, because they are the most informative.
        if kinds.contains(.string), let text = try StringSolver.solve(constraint.strings) {
            return Choice(json: .string(text))
        }
        if kinds.contains(.number), let number = constraint.numbers.plainest {
            return Choice(json: JSONValue(shortest: number))
        }
        if kinds.contains(.true) { return Choice(json: true) }
        if kinds.contains(.false) { return Choice(json: false) }
        if kinds.contains(.absent) { return Choice(json: nil) }
        if kinds.contains(.null) { return Choice(json: .null) }
        if kinds.contains(.list), let count = constraint.counts.plainest {
            guard count <= Self.mostItems else { throw .tooManyStates }
            return Choice(json: .array(Array(repeating: .null, count: Int(count))))
        }
        if kinds.contains(.object), let count = constraint.counts.plainest {
            return try filled(JSONObject(), to: count).map { Choice(json: .object($0)) }
        }
        return nil
    }

    private static let mostItems = 20_000.0

    /// The object at a location, with the fields that the cube constrains and those that the schema
    /// requires. Returns nil if there is no such object.
    private func object(at names: [String]) throws(AnalysisLimit) -> JSONObject? {
        var object = JSONObject()
        for field in fields(of: names) {
            let place = names + [field]
            let allowed = domain.constraint(at: place) ?? Constraint(.any)
            let own = cube.constraints[.place(place)].map(allowed.intersection) ?? allowed
            if own.isEmpty { return nil }
            if own.kinds.contains(.object), hasFields(place) {
                guard let inner = try self.object(at: place) else { return nil }
                object[field] = .object(inner)
            } else {
                guard let choice = try value(own) else { return nil }
                if let json = choice.json { object[field] = json }
            }
        }
        guard let own = cube.constraints[.place(names)] else { return object }
        if own.counts.contains(Double(object.count)) { return object }
        guard let count = own.counts.plainest else { return nil }
        return try filled(object, to: count)
    }

    private func hasFields(_ names: [String]) -> Bool { !fields(of: names).isEmpty }

    /// The constrained and the required fields of a location, sorted.
    private func fields(of names: [String]) -> [String] {
        let stated = cube.constraints.keys.map(\.names)
            .filter { $0.count > names.count && $0.starts(with: names) }.map { $0[names.count] }
        return Set(stated + domain.requiredFields(of: names)).sorted()
    }

    /// Adds members that no constraint concerns, up to `count` members.
    private func filled(_ object: JSONObject, to count: Double) throws(AnalysisLimit) -> JSONObject?
    {
        guard count <= Self.mostItems, Double(object.count) <= count else { throw .notDecidable }
        var object = object
        var number = 0
        while Double(object.count) < count {
            number += 1
            if object["x\(number)"] == nil { object["x\(number)"] = .null }
        }
        return object
    }
}

extension JSONValue {
    /// A finite number in its shortest form.
    init(shortest number: Double) {
        if let whole = Int64(exactly: number), abs(whole) <= JSONValue.largestInteger {
            self = .integer(whole)
        } else {
            self = JSONNumber(number).map { .number($0) } ?? .integer(0)
        }
    }
}
