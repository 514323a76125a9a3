import InterlockModel

/// The string functions of the language itself, and `size`.
enum CELTextFunctions {
    static let all: [CELFunction] =
        [
            CELFunction(ofOne: "size", sizes, body: size),
            CELFunction(ofOne: "size", isMember: true, sizes, body: size),
            test("contains") { $0.contains($1) },
            test("startsWith") { $0.starts(with: $1) },
            test("endsWith") { $0.ends(with: $1) },
            CELFunction(ofPattern: "matches", isMember: false, ofTwoTexts, body: matches),
            CELFunction(ofPattern: "matches", isMember: true, ofTwoTexts, body: matches),
        ]

    private static let sizes: [CELOverload] = [
        CELOverload([.string], .int), CELOverload([.bytes], .int),
        CELOverload([.list(.parameter("A"))], .int),
        CELOverload([.map(.parameter("A"), .parameter("B"))], .int),
    ]
    private static let ofTwoTexts = [CELOverload([.string, .string], .bool)]

    /// A function that tests one text by another.
    private static func test(
        _ name: String,
        _ test: @escaping @Sendable (borrowing Span<UInt8>, borrowing Span<UInt8>) -> Bool
    ) -> CELFunction {
        CELFunction(ofTwo: name, isMember: true, ofTwoTexts) { a, b, budget throws(CELFault) in
            guard case .string(let text) = a, case .string(let part) = b else {
                throw CELFault(.noSuchOverload, name)
            }
            try budget.spend(bytes: text.utf8.count + part.utf8.count)
            return .bool(test(text.utf8.span, part.utf8.span))
        }
    }

    /// The size of a value: code points of a string, bytes, elements of a list, or entries of a map.
    private static let size: CELFunction.Unary = { value, budget throws(CELFault) in
        switch value {
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let list): return .int(Int64(list.count))
        case .map(let map): return .int(Int64(map.count))
        default: throw CELFault(.noSuchOverload, "size")
        }
    }

    /// Charges the weights of Kubernetes for regular expressions (docs/specs/policy.md, section 5.4), and
    /// more for a pattern whose program is long compared with its text, as with counted repetitions.
    private static let matches: CELFunction.OfPattern = { value, pattern, budget throws(CELFault) in
        guard case .string(let text) = value else { throw CELFault(.noSuchOverload, "matches") }
        let (steps, overflow) = ((text.utf8.count + 9) / 10).multipliedReportingOverflow(
            by: pattern.stepsForTenBytes)
        try budget.spend(overflow ? .max : steps)
        return .bool(pattern.matcher.matches(text))
    }
}
