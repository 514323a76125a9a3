/// The overloads of operators, which are not functions of a library (CEL specification, "Standard
/// Definitions"): operands are of one kind, except that numbers of different kinds can be ordered, and
/// times and durations combined.
enum CELOperators {
    static func overloads(of operation: CELOperator) -> [CELOverload] {
        switch operation {
        case .and, .or: logical
        case .equal, .notEqual: equality
        case .less, .lessEqual, .greater, .greaterEqual: ordering
        case .in: membership
        case .add: addition
        case .subtract: subtraction
        case .multiply, .divide: same([.int, .uint, .double])
        case .modulo: same([.int, .uint])
        }
    }

    static let not = [CELOverload([.bool], .bool)]
    static let negate = [CELOverload([.int], .int), CELOverload([.double], .double)]
    static let conditional = [CELOverload([.bool, t, t], t)]

    static let index = [
        CELOverload([.list(t), .int], t), CELOverload([.map(k, t), k], t),
        CELOverload([.optional(.list(t)), .int], .optional(t)),
        CELOverload([.optional(.map(k, t)), k], .optional(t)),
    ]
    static let optionalIndex = [
        CELOverload([.list(t), .int], .optional(t)), CELOverload([.map(k, t), k], .optional(t)),
        CELOverload([.optional(.list(t)), .int], .optional(t)),
        CELOverload([.optional(.map(k, t)), k], .optional(t)),
    ]

    private static let t = CELType.parameter("T")
    private static let k = CELType.parameter("K")
    private static let numbers: [CELType] = [.int, .uint, .double]

    private static let logical = [CELOverload([.bool, .bool], .bool)]
    private static let equality = [CELOverload([t, t], .bool)]
    private static let ordering =
        [.bool, .string, .bytes, .duration, .timestamp].map { CELOverload([$0, $0], .bool) }
        + numbers.flatMap { left in numbers.map { CELOverload([left, $0], .bool) } }
    private static let membership = [
        CELOverload([t, .list(t)], .bool), CELOverload([k, .map(k, t)], .bool),
    ]
    private static let addition =
        same([.int, .uint, .double, .string, .bytes, .duration, .list(t)]) + [
            CELOverload([.timestamp, .duration], .timestamp),
            CELOverload([.duration, .timestamp], .timestamp),
        ]
    private static let subtraction =
        same([.int, .uint, .double, .duration]) + [
            CELOverload([.timestamp, .duration], .timestamp),
            CELOverload([.timestamp, .timestamp], .duration),
        ]

    private static func same(_ types: [CELType]) -> [CELOverload] {
        types.map { CELOverload([$0, $0], $0) }
    }
}
