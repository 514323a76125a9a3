/// Conversion functions, which are named after the type that they return.
enum CELConversionFunctions {
    static let all: [CELFunction] = [
        conversion("int", .int, [.int, .uint, .double, .string, .timestamp], int),
        conversion("uint", .uint, [.uint, .int, .double, .string], uint),
        conversion("double", .double, [.double, .int, .uint, .string], double),
        conversion("bool", .bool, [.bool, .string], bool),
        conversion("bytes", .bytes, [.bytes, .string], bytes),
        conversion(
            "string", .string,
            [.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration, .ip, .cidr],
            string),
        conversion("duration", .duration, [.duration, .string], duration),
        conversion("timestamp", .timestamp, [.timestamp, .string, .int], timestamp),
        conversion("dyn", .dyn, [.parameter("A")]) { value, _ in value },
        conversion("type", .type(.parameter("A")), [.parameter("A")]) { value, _ in
            .type(CELTypeName(value.typeName))
        },
    ]

    private static func conversion(
        _ name: String, _ result: CELType, _ parameters: [CELType],
        _ body: @escaping CELFunction.Unary
    ) -> CELFunction {
        CELFunction(ofOne: name, parameters.map { CELOverload([$0], result) }, body: body)
    }

    private static let int: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .int: return value
        case .uint(let uint):
            guard let int = Int64(exactly: uint) else { throw CELFault(.range) }
            return .int(int)
        case .double(let double):
            // Both ends are excluded, as the conformance tests require.
            guard double > -0x1p63, double < 0x1p63 else { throw CELFault(.range) }
            return .int(Int64(double))
        case .string(let text): return .int(try number(text, &budget))
        case .timestamp(let time): return .int(time.seconds)
        default: throw CELFault(.noSuchOverload, "int")
        }
    }

    private static let uint: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .uint: return value
        case .int(let int):
            guard let uint = UInt64(exactly: int) else { throw CELFault(.range) }
            return .uint(uint)
        case .double(let double):
            guard double >= 0, double < 0x1p64 else { throw CELFault(.range) }
            return .uint(UInt64(double))
        case .string(let text): return .uint(try number(text, &budget))
        default: throw CELFault(.noSuchOverload, "uint")
        }
    }

    /// Parses decimal digits with an optional sign.
    private static func number<T: FixedWidthInteger>(
        _ text: String, _ budget: inout CELBudget
    ) throws(CELFault) -> T {
        try budget.spend(bytes: text.utf8.count)
        if let value = T(text) { return value }
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        let isNumber = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        throw CELFault(isNumber ? .range : .conversion, text)
    }

    private static let double: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .double: return value
        case .int(let int): return .double(Double(int))
        case .uint(let uint): return .double(Double(uint))
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .double(try CELDouble.value(text))
        default: throw CELFault(.noSuchOverload, "double")
        }
    }

    private static let bool: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("true"), .string("TRUE"), .string("True"):
            return .bool(true)
        case .string("0"), .string("f"), .string("false"), .string("FALSE"), .string("False"):
            return .bool(false)
        case .string(let text): throw CELFault(.conversion, text)
        default: throw CELFault(.noSuchOverload, "bool")
        }
    }

    private static let bytes: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .bytes: return value
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .bytes(Array(text.utf8))
        default: throw CELFault(.noSuchOverload, "bytes")
        }
    }

    private static let string: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .string: return value
        case .bytes(let bytes):
            try budget.spend(bytes: bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CELFault(.conversion)
            }
            return .string(text)
        case .bool(let bool): return .string(bool ? "true" : "false")
        case .int(let int): return .string(String(int))
        case .uint(let uint): return .string(String(uint))
        case .double(let double): return .string(CELDouble.text(double))
        case .timestamp(let time): return .string(time.text)
        case .duration(let duration): return .string(duration.text)
        case .ip(let address): return .string(address.text)
        case .cidr(let network): return .string(network.text)
        default: throw CELFault(.noSuchOverload, "string")
        }
    }

    private static let duration: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .duration: return value
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .duration(try CELDuration(text: text))
        default: throw CELFault(.noSuchOverload, "duration")
        }
    }

    private static let timestamp: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .timestamp: return value
        case .int(let seconds): return .timestamp(try CELTimestamp(checkedSeconds: seconds))
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .timestamp(try CELTimestamp(text: text))
        default: throw CELFault(.noSuchOverload, "timestamp")
        }
    }
}
