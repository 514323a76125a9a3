/// `math.greatest` and `math.least`, for several numbers or a list. Kinds may be mixed; the result is the
/// argument itself and, among equal ones, the first.
extension CELMathFunctions {
    /// The maximum number of arguments in one call.
    private static let argumentLimit = 16

    static let extremes: [CELFunction] = [
        extreme("math.greatest", .greater), extreme("math.least", .less),
    ]

    private static func extreme(_ name: String, _ wanted: CELOrdering) -> CELFunction {
        CELFunction(ofSome: name, overloads) { arguments, budget throws(CELFault) in
            let values: CELList
            if arguments.count == 1, case .list(let list) = arguments[0] {
                try budget.spend(list.count)
                values = list
            } else {
                values = .values(arguments)
            }
            guard values.count > 0 else { throw CELFault(.invalidArgument, "an empty list") }
            var best = values[0]
            for place in 0..<values.count {
                guard isNumber(values[place]) else {
                    throw CELFault(.noSuchOverload, values[place].typeName)
                }
                if try CELOrdering(values[place], best, &budget) == wanted { best = values[place] }
            }
            return best
        }
    }

    /// Overloads for one number, two of any kinds, three or more of one kind or of unknown kinds, and
    /// lists.
    private static let overloads: [CELOverload] = {
        var overloads = numbers.map { CELOverload([$0], $0) }
        for a in numbers {
            for b in numbers { overloads.append(CELOverload([a, b], a == b ? a : .dyn)) }
        }
        for count in 3...argumentLimit {
            for type in numbers + [.dyn] {
                overloads.append(CELOverload([CELType](repeating: type, count: count), type))
            }
        }
        return overloads + (numbers + [.dyn]).map { CELOverload([.list($0)], $0) }
    }()

    private static func isNumber(_ value: CELValue) -> Bool {
        switch value {
        case .int, .uint, .double: true
        default: false
        }
    }
}
