import InterlockCEL
import InterlockModel

/// One decision in progress: the input of its guards, their remaining budget, and their results.
struct Evaluation {
    let input: GuardInput
    private var budget = CELBudget()
    private(set) var records: [GuardRecord] = []
    private(set) var readsClock = false

    init(_ input: GuardInput) { self.input = input }

    mutating func evaluate(_ condition: Guard, of rule: String) -> GuardResult {
        let result = condition.evaluate(input, budget: &budget)
        if condition.readsClock { readsClock = true }
        records.append(GuardRecord(rule: rule, result: result))
        return result
    }

    mutating func isLive(_ elevation: CompiledElevation) -> Bool {
        readsClock = true
        return elevation.isLive(at: input.now)
    }
}
