/// Functions on optional values. Syntax that opens them without a function (`.?`, `[?]`, `optMap`) is part
/// of evaluation.
enum CELOptionalFunctions {
    static let all: [CELFunction] = [
        CELFunction(ofOne: "optional.of", [CELOverload([value], optional)]) {
            value, _ throws(CELFault) in .optional(CELOptional(value))
        },
        CELFunction(ofOne: "optional.ofNonZeroValue", [CELOverload([value], optional)]) {
            value, _ throws(CELFault) in .optional(CELOptional(isZero(value) ? nil : value))
        },
        CELFunction(ofSome: "optional.none", [CELOverload([], optional)]) { _, _ throws(CELFault) in
            .optional(CELOptional(nil))
        },
        CELFunction(ofOne: "hasValue", isMember: true, [CELOverload([optional], .bool)]) {
            optional, _ throws(CELFault) in .bool(try optional.optional().value != nil)
        },
        CELFunction(ofOne: "value", isMember: true, [CELOverload([optional], value)]) {
            optional, _ throws(CELFault) in
            guard let value = try optional.optional().value else {
                throw CELFault(.invalidArgument, "optional.none()")
            }
            return value
        },
        CELFunction(
            ofTwo: "or", isMember: true, isAlternative: true,
            [CELOverload([optional, optional], optional)]
        ) { first, second, _ throws(CELFault) in
            let (first, second) = (try first.optional(), try second.optional())
            return .optional(first.value == nil ? second : first)
        },
        CELFunction(
            ofTwo: "orValue", isMember: true, isAlternative: true,
            [CELOverload([optional, value], value)]
        ) { optional, other, _ throws(CELFault) in try optional.optional().value ?? other },
    ]

    private static let value = CELType.parameter("T")
    private static let optional = CELType.optional(value)

    /// Returns true for the zero value of a type: null, false, 0, an empty value, the beginning of 1970, a
    /// duration of zero.
    private static func isZero(_ value: CELValue) -> Bool {
        switch value {
        case .null: true
        case .bool(let bool): !bool
        case .int(let int): int == 0
        case .uint(let uint): uint == 0
        case .double(let double): double == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let list): list.count == 0
        case .map(let map): map.count == 0
        case .duration(let duration): duration == CELDuration(seconds: 0, nanoseconds: 0)
        case .timestamp(let time): time == CELTimestamp(seconds: 0, nanoseconds: 0)
        case .optional(let optional): optional.value == nil
        case .type, .ip, .cidr: false
        }
    }
}
