import InterlockJSON
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

/// The checker's guarantees for guards whose types are all known, verified by evaluating them.
@Suite struct CheckPropertyTests {
    private struct Call: CELVariables {
        let arguments: JSONObject

        func value(of slot: Int) -> CELValue? {
            switch slot {
            case 0: .map(.json(arguments))
            case 1: .timestamp(CELTimestamp(seconds: 1_800_000_000, nanoseconds: 0))
            case 3: .bool(true)
            default: .string("billing")
            }
        }
    }

    @Test func `a checked guard is never asked what its operands cannot do, and keeps its bound`()
        throws
    {
        var generator = GuardGenerator(.announced())
        let environment = try CELEnvironment.ofGuards(schema: GuardGenerator.schema)
        var accepted = 0
        var refused = 0
        for _ in 0..<3_000 {
            let text = generator.guardText()
            let checked: Checked
            do {
                checked = try Checked(text, in: environment, limits: .engine)
            } catch is CELProblems {
                refused += 1
                continue
            }
            let review = checked.review
            // No bound is kept for guards that build values inside a macro.
            guard review.problems.allSatisfy({ $0.kind == .cost }) else { continue }
            if hasMixedList(checked) { continue }
            accepted += 1
            let program = try CELProgram(checked.tree, checked.resolution, in: environment)
            for _ in 0..<4 {
                let call = Call(arguments: generator.arguments())
                evaluate(program, call, text, review.cost.assumed)
            }
        }
        #expect(accepted > 1_000)
        #expect(refused > 100)
    }

    /// Returns true if the expression has a list of several kinds, whose elements the checker types as `dyn`.
    private func hasMixedList(_ checked: Checked) -> Bool {
        checked.tree.nodes.indices.contains { id in
            if case .list = checked.tree[id].kind {
                checked.types[id] == .list(.dyn)
            } else {
                false
            }
        }
    }

    private func evaluate(_ program: CELProgram, _ call: Call, _ text: String, _ bound: Int) {
        let most = 1 << 40
        var budget = CELBudget(steps: most)
        do throws(CELFault) {
            let value = try program.evaluate(call, budget: &budget)
            guard case .bool = value else {
                Issue.record("no bool: \(text)")
                return
            }
        } catch {
            let impossible: [CELFault.Kind] = [
                .noSuchOverload, .undeclared, .noSelection, .keyType, .budget, .depth,
            ]
            if impossible.contains(error.kind) { Issue.record("\(error): \(text)") }
        }
        let taken = most - budget.left
        #expect(taken <= bound, "\(text) took \(taken), bound \(bound): \(call.arguments)")
    }
}
