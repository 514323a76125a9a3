extension CELType {
    /// `number` of JSON Schema: int or double at run time.
    package static let number = CELType.union([.int, .double])

    /// Any of these types. A single kind is returned as it is; no kind or an unknown one gives dyn.
    package static func any(of types: [CELType]) -> CELType {
        var kinds: [CELType] = []
        for kind in types.flatMap(\.kinds) where !kinds.contains(kind) { kinds.append(kind) }
        if kinds.contains(.dyn) { return .dyn }
        return kinds.count == 1 ? kinds[0] : kinds.isEmpty ? .dyn : .union(kinds)
    }

    /// The kinds that a value may have at run time, as far as the checker distinguishes them.
    package var kinds: [CELType] { if case .union(let kinds) = self { kinds } else { [self] } }

    /// True if a value may be int or double, and the checker cannot tell which.
    var isNumber: Bool { kinds.contains(.int) && kinds.contains(.double) }

    var isNumeric: Bool { kinds.allSatisfy { $0 == .int || $0 == .uint || $0 == .double } }

    /// Returns true if a value may be of one of these kinds; dyn may be of any kind.
    func may(be isKind: (CELType) -> Bool) -> Bool { kinds.contains { $0 == .dyn || isKind($0) } }

    /// True if null is a value of the type, as for messages and abstract types of the language.
    var takesNull: Bool {
        switch self {
        case .null, .dyn, .duration, .timestamp, .optional, .ip, .cidr, .opaque: true
        case .union(let kinds): kinds.contains { $0.takesNull }
        case .bool, .int, .uint, .double, .string, .bytes, .list, .map, .type, .parameter, .object:
            false
        }
    }

    /// Returns true if the type is made of more than `limit` types. It examines no more than that.
    func isLarger(than limit: Int) -> Bool {
        var waiting = [self]
        var count = 0
        while let type = waiting.popLast() {
            count += 1
            if count > limit { return true }
            switch type {
            case .list(let inner), .optional(let inner), .type(let inner): waiting.append(inner)
            case .map(let key, let value): waiting += [key, value]
            case .opaque(_, let parameters): waiting += parameters
            default: break
            }
        }
        return false
    }

    /// The more general of two types if one covers the other, otherwise dyn.
    static func moreGeneral(_ a: CELType, _ b: CELType) -> CELType {
        a.covers(b) ? a : b.covers(a) ? b : .dyn
    }

    /// Returns true if the type equals the other, or is less specific in at least one place and more
    /// specific in none.
    func covers(_ other: CELType) -> Bool {
        switch (self, other) {
        case (.dyn, _), (.parameter, _): true
        case (_, .dyn), (_, .parameter): false
        case (_, .null) where takesNull: true
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): a.covers(b)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            key.covers(otherKey) && value.covers(otherValue)
        case (.map, .object): true
        case (.type, .type): true
        case (.opaque(let a, let inner), .opaque(let b, let others)):
            a == b && inner.count == others.count && zip(inner, others).allSatisfy { $0.covers($1) }
        case (.union(let kinds), _): other.kinds.allSatisfy(kinds.contains)
        default: self == other
        }
    }
}
