/// Optional values. What opens them without a function (`.?`, `[?]`, `optMap`) is part of evaluation.
enum CELOptionalFunctions {
    static let all: [CELFunction] = [
        .function("optional.of", [CELOverload([value], optional)]) {
            arguments, _ throws(CELFault) in
            .optional(CELOptional(arguments[0]))
        },
        .function("optional.ofNonZeroValue", [CELOverload([value], optional)]) {
            arguments, _ throws(CELFault) in
            .optional(CELOptional(isZero(arguments[0]) ? nil : arguments[0]))
        },
        .function("optional.none", [CELOverload([], optional)]) { _, _ throws(CELFault) in
            .optional(CELOptional(nil))
        },
        .method("hasValue", [CELOverload([optional], .bool)]) { arguments, _ throws(CELFault) in
            .bool(try arguments.optional(0).value != nil)
        },
        .method("value", [CELOverload([optional], value)]) { arguments, _ throws(CELFault) in
            guard let value = try arguments.optional(0).value else {
                throw CELFault(.invalidArgument, "optional.none()")
            }
            return value
        },
        .method("or", [CELOverload([optional, optional], optional)]) {
            arguments, _ throws(CELFault) in
            let first = try arguments.optional(0)
            let second = try arguments.optional(1)
            return .optional(first.value == nil ? second : first)
        },
        .method("orValue", [CELOverload([optional, value], value)]) {
            arguments, _ throws(CELFault) in
            try arguments.optional(0).value ?? arguments[1]
        },
    ]

    private static let value = CELType.parameter("T")
    private static let optional = CELType.optional(value)

    /// Whether a value is the one that its type starts with: false, 0, nothing in it, 1970, no time.
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
