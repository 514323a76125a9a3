/// Lists as sets: order and repetition do not matter, and elements are compared with `==`.
enum CELSetFunctions {
    static let all: [CELFunction] = [
        // True if every element of the second list is in the first.
        CELFunction(ofTwo: "sets.contains", overloads) { set, wanted, budget throws(CELFault) in
            let (set, wanted) = (try set.list(), try wanted.list())
            for place in 0..<wanted.count where try !isElement(wanted[place], of: set, &budget) {
                return .bool(false)
            }
            return .bool(true)
        },
        // True if some element of the second list is in the first.
        CELFunction(ofTwo: "sets.intersects", overloads) { set, wanted, budget throws(CELFault) in
            let (set, wanted) = (try set.list(), try wanted.list())
            for place in 0..<wanted.count where try isElement(wanted[place], of: set, &budget) {
                return .bool(true)
            }
            return .bool(false)
        },
    ]

    private static let overloads = [
        CELOverload([.list(.parameter("T")), .list(.parameter("T"))], .bool)
    ]

    /// Charges 1 step per element compared.
    private static func isElement(
        _ value: CELValue, of set: CELList, _ budget: inout CELBudget
    ) throws(CELFault) -> Bool {
        for place in 0..<set.count {
            try budget.spend()
            if try CELValue.equals(value, set[place], budget: &budget) { return true }
        }
        return false
    }
}
