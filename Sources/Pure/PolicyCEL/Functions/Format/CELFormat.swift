/// The function `format`, as in `'%s of %d'.format([a, b])`: each clause writes the next argument, and
/// every argument must have a clause.
enum CELFormat {
    /// The maximum number of digits after the point that a clause can request.
    static let precisionLimit = 100

    /// - Throws: `format` for an unknown clause and, with the index of the argument, for a clause without
    ///   an argument, an argument without a clause, and a value that the clause cannot write.
    static let format: CELFunction.Binary = { text, values, budget throws(CELFault) in
        let text = try text.string()
        try budget.spend(bytes: text.utf8.count)
        let values = try values.list()
        var rest = Array(text.utf8)[...]
        var output = CELTextBuilder()
        var next = 0
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            try output.append(rest[..<percent], &budget)
            rest = rest[(percent + 1)...]
            if rest.first == UInt8(ascii: "%") {
                try output.append(rest.prefix(1), &budget)
                rest.removeFirst()
                continue
            }
            let clause = try Clause(&rest)
            guard next < values.count else { throw fault(next, "is missing") }
            try budget.spend()
            guard try clause.write(values[next], to: &output, &budget) else {
                throw fault(
                    next, "is `\(values[next].typeName)`, which \(clause.name) does not write")
            }
            next += 1
        }
        guard next == values.count else { throw fault(next, "has no clause") }
        try output.append(rest, &budget)
        return .string(output.text)
    }

    private static func fault(_ place: Int, _ what: String) -> CELFault {
        CELFault(.format, "argument \(place) \(what)")
    }
}

extension CELFormat {
    /// A clause, without its percent sign.
    enum Clause {
        case text, decimal
        case fixed(precision: Int)
        case scientific(precision: Int)
        case binary, octal
        case hex(isUpper: Bool)

        /// Removes the clause from the front of the text.
        init(_ rest: inout ArraySlice<UInt8>) throws(CELFault) {
            let precision = try Self.precision(&rest)
            guard let verb = rest.popFirst() else { throw CELFault(.format, "`%` at the end") }
            switch (UnicodeScalar(verb), precision) {
            case ("s", nil): self = .text
            case ("d", nil): self = .decimal
            case ("f", _): self = .fixed(precision: precision ?? 6)
            case ("e", _): self = .scientific(precision: precision ?? 6)
            case ("b", nil): self = .binary
            case ("o", nil): self = .octal
            case ("x", nil): self = .hex(isUpper: false)
            case ("X", nil): self = .hex(isUpper: true)
            case (let other, nil) where other.isASCII: throw CELFault(.format, "`%\(other)`")
            default: throw CELFault(.format, "an unknown clause")
            }
        }

        var name: String {
            switch self {
            case .text: "`%s`"
            case .decimal: "`%d`"
            case .fixed: "`%f`"
            case .scientific: "`%e`"
            case .binary: "`%b`"
            case .octal: "`%o`"
            case .hex(let isUpper): isUpper ? "`%X`" : "`%x`"
            }
        }

        /// Reads the number after a point; returns nil if the text does not begin with a point.
        private static func precision(_ rest: inout ArraySlice<UInt8>) throws(CELFault) -> Int? {
            guard rest.first == UInt8(ascii: ".") else { return nil }
            rest.removeFirst()
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[digits.endIndex...]
            guard (1...3).contains(digits.count) else { throw CELFault(.format, "precision") }
            let precision = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard precision <= precisionLimit else { throw CELFault(.format, "precision") }
            return precision
        }
    }
}
