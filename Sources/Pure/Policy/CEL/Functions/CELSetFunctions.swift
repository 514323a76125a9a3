/// Lists taken as sets: neither order nor repetition counts, and elements are equal as `==` says.
enum CELSetFunctions {
    static let all: [CELFunction] = [
        // Whether every element of the second stands in the first.
        CELFunction(ofTwo: "sets.contains", overloads) { set, wanted, budget throws(CELFault) in
            let (set, wanted) = (try set.list(), try wanted.list())
            for place in 0..<wanted.count where try !isElement(wanted[place], of: set, &budget) {
                return .bool(false)
            }
            return .bool(true)
        },
        // Whether some element of the second stands in the first.
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

    /// 1 step per element compared.
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
