/// The types that the type parameters of an expression represent, found by comparing given types with
/// expected ones (unification of the CEL specification, "Type Checking": parameters widen towards dyn and
/// never narrow).
struct CELSubstitution {
    /// The maximum number of comparisons in one check, as moderate types can be compared often.
    static let mostSteps = 200_000

    private var found: [String: CELType] = [:]
    private var count = 0
    private(set) var steps = 0

    var isExhausted: Bool { steps > Self.mostSteps }

    /// Returns a parameter that is not used elsewhere.
    mutating func fresh() -> CELType {
        count += 1
        return .parameter("_\(count)")
    }

    /// Returns the overload with parameters of its own.
    mutating func instance(of overload: CELOverload) -> CELOverload {
        var names: [String: CELType] = [:]
        let parameters = overload.parameters.map { renamed($0, &names) }
        return CELOverload(parameters, renamed(overload.result, &names))
    }

    /// Returns true if `given` is valid where `expected` is required. If so, parameters of both are bound;
    /// if not, nothing changes.
    mutating func accepts(_ given: CELType, as expected: CELType) -> Bool {
        let before = found
        if unify(given, expected) { return true }
        found = before
        return false
    }

    /// Returns true if all types are accepted; otherwise nothing changes.
    mutating func accepts(_ given: [CELType], as expected: [CELType]) -> Bool {
        guard given.count == expected.count else { return false }
        let before = found
        for (given, expected) in zip(given, expected) where !unify(given, expected) {
            found = before
            return false
        }
        return true
    }

    /// The type with all known parameters replaced; `unknown` replaces the others.
    mutating func applied(to type: CELType, unknown: CELType? = nil) -> CELType {
        steps += 1
        if isExhausted { return .dyn }
        switch type {
        case .parameter(let name):
            guard let bound = found[name] else { return unknown ?? type }
            return applied(to: bound, unknown: unknown)
        case .list(let element): return .list(applied(to: element, unknown: unknown))
        case .optional(let value): return .optional(applied(to: value, unknown: unknown))
        case .type(let type): return .type(applied(to: type, unknown: unknown))
        case .map(let key, let value):
            return .map(applied(to: key, unknown: unknown), applied(to: value, unknown: unknown))
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { applied(to: $0, unknown: unknown) })
        case .dyn, .null, .bool, .int, .uint, .double, .string, .bytes, .duration, .timestamp, .ip,
            .cidr, .object, .union:
            return type
        }
    }

    private mutating func renamed(_ type: CELType, _ names: inout [String: CELType]) -> CELType {
        switch type {
        case .parameter(let name):
            if let known = names[name] { return known }
            let new = fresh()
            names[name] = new
            return new
        case .list(let element): return .list(renamed(element, &names))
        case .optional(let value): return .optional(renamed(value, &names))
        case .type(let type): return .type(renamed(type, &names))
        case .map(let key, let value): return .map(renamed(key, &names), renamed(value, &names))
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { renamed($0, &names) })
        default: return type
        }
    }
}

extension CELSubstitution {
    private mutating func unify(_ given: CELType, _ expected: CELType) -> Bool {
        steps += 1
        if isExhausted { return true }
        if case .parameter(let name) = expected {
            if bind(name, to: given) { return true }
            if found[name] != nil { return false }
        }
        if case .parameter(let name) = given { return bind(name, to: expected) }
        switch (given, expected) {
        case (.dyn, _), (_, .dyn): return true
        case (.union(let kinds), _): return kinds.contains { accepts($0, as: expected) }
        case (_, .union(let kinds)): return kinds.contains { accepts(given, as: $0) }
        case (.null, _): return expected.takesNull
        case (_, .null): return given.takesNull
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): return unify(a, b)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            return unify(key, otherKey) && unify(value, otherValue)
        case (.object, .map(let key, let value)): return unify(.string, key) && unify(.dyn, value)
        case (.map(let key, let value), .object): return unify(key, .string) && unify(value, .dyn)
        case (.object, .object), (.type, .type): return true
        case (.opaque(let a, let inner), .opaque(let b, let others)):
            guard a == b, inner.count == others.count else { return false }
            for (inner, other) in zip(inner, others) where !unify(inner, other) { return false }
            return true
        default: return given == expected
        }
    }

    /// Returns true if the parameter can represent `type`: it already does, or the type that it represents
    /// accepts `type` (and becomes the more general of both), or it is free.
    private mutating func bind(_ name: String, to type: CELType) -> Bool {
        if type == .parameter(name) { return true }
        if let bound = found[name] {
            if bound == type { return true }
            guard unify(type, bound) else { return false }
            let general = CELType.moreGeneral(type, bound)
            if !occurs(name, in: general) { found[name] = general }
            return true
        }
        guard !occurs(name, in: type) else { return false }
        found[name] = type
        return true
    }

    private mutating func occurs(_ name: String, in type: CELType) -> Bool {
        steps += 1
        if isExhausted { return true }
        switch type {
        case .parameter(let other):
            if other == name { return true }
            guard let bound = found[other] else { return false }
            return occurs(name, in: bound)
        case .list(let inner), .optional(let inner), .type(let inner):
            return occurs(name, in: inner)
        case .map(let key, let value): return occurs(name, in: key) || occurs(name, in: value)
        case .opaque(_, let parameters):
            for parameter in parameters where occurs(name, in: parameter) { return true }
            return false
        default: return false
        }
    }
}
