/// The math extension. Arguments are not converted: one that no overload accepts is a fault.
enum CELMathFunctions {
    static let all: [CELFunction] = extremes + rounding + signs + tests + bits

    private static let rounding: [CELFunction] = [
        onDouble("math.ceil") { .double($0.rounded(.up)) },
        onDouble("math.floor") { .double($0.rounded(.down)) },
        onDouble("math.round") { .double($0.rounded(.toNearestOrAwayFromZero)) },
        onDouble("math.trunc") { .double($0.rounded(.towardZero)) },
    ]

    private static let tests: [CELFunction] = [
        onDouble("math.isNaN", .bool) { .bool($0.isNaN) },
        onDouble("math.isInf", .bool) { .bool($0.isInfinite) },
        onDouble("math.isFinite", .bool) { .bool($0.isFinite) },
    ]

    private static let signs: [CELFunction] = [
        CELFunction(ofOne: "math.abs", eachNumber) { value, _ throws(CELFault) in
            switch value {
            case .int(let value):
                guard value != .min else { throw CELFault(.overflow) }
                return .int(abs(value))
            case .uint(let value): return .uint(value)
            case .double(let value): return .double(value.magnitude)
            default: throw value.noOverload
            }
        },
        CELFunction(ofOne: "math.sign", eachNumber) { value, _ throws(CELFault) in
            switch value {
            case .int(let value): return .int(value.signum())
            case .uint(let value): return .uint(value == 0 ? 0 : 1)
            // Zero keeps its sign, and NaN stays NaN.
            case .double(let value): return .double(value > 0 ? 1 : value < 0 ? -1 : value)
            default: throw value.noOverload
            }
        },
        CELFunction(ofOne: "math.sqrt", numbers.map { CELOverload([$0], .double) }) {
            value, _ throws(CELFault) in
            switch value {
            case .int(let value): return .double(Double(value).squareRoot())
            case .uint(let value): return .double(Double(value).squareRoot())
            case .double(let value): return .double(value.squareRoot())
            default: throw value.noOverload
            }
        },
    ]

    static let numbers: [CELType] = [.int, .uint, .double]
    /// One overload for each kind of number, with a result of the same kind.
    private static let eachNumber = numbers.map { CELOverload([$0], $0) }

    private static func onDouble(
        _ name: String, _ result: CELType = .double,
        _ body: @escaping @Sendable (Double) -> CELValue
    ) -> CELFunction {
        CELFunction(ofOne: name, [CELOverload([.double], result)]) { value, _ throws(CELFault) in
            body(try value.double())
        }
    }
}
