/// Operations on the bits of integers; ints are in two's complement.
extension CELMathFunctions {
    static let bits: [CELFunction] = [
        onBits("math.bitAnd") { $0 & $1 },
        onBits("math.bitOr") { $0 | $1 },
        onBits("math.bitXor") { $0 ^ $1 },
        CELFunction(ofOne: "math.bitNot", integers.map { CELOverload([$0], $0) }) {
            value, _ throws(CELFault) in
            switch value {
            case .int(let value): return .int(~value)
            case .uint(let value): return .uint(~value)
            default: throw value.noOverload
            }
        },
        shift("math.bitShiftLeft") { $0 << $1 },
        // The bits that enter from the left are zero, for negative ints too.
        shift("math.bitShiftRight") { $0 >> $1 },
    ]

    private static let integers: [CELType] = [.int, .uint]

    private static func onBits(
        _ name: String, _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> CELFunction {
        CELFunction(ofTwo: name, integers.map { CELOverload([$0, $0], $0) }) {
            a, b, _ throws(CELFault) in
            switch (a, b) {
            case (.int(let a), .int(let b)):
                return .int(Int64(bitPattern: body(UInt64(bitPattern: a), UInt64(bitPattern: b))))
            case (.uint(let a), .uint(let b)): return .uint(body(a, b))
            default: throw b.noOverload
            }
        }
    }

    /// A function that shifts bits; shifts by 64 or more give 0.
    ///
    /// - Throws: `invalid_argument` for a negative count.
    private static func shift(
        _ name: String, _ body: @escaping @Sendable (UInt64, Int64) -> UInt64
    ) -> CELFunction {
        CELFunction(ofTwo: name, integers.map { CELOverload([$0, .int], $0) }) {
            value, count, _ throws(CELFault) in
            let count = try count.int()
            guard count >= 0 else { throw CELFault(.invalidArgument, String(count)) }
            switch value {
            case .int(let value):
                return .int(Int64(bitPattern: body(UInt64(bitPattern: value), count)))
            case .uint(let value): return .uint(body(value, count))
            default: throw value.noOverload
            }
        }
    }
}
