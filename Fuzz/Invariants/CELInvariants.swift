import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyCEL

extension Invariants {
    /// The input is JSON arguments, a newline and a guard. For any input, reading, checking and evaluating end;
    /// problems lie within the text; inferred types match the values; and no evaluation takes more steps than its
    /// budget or than the bound computed beforehand.
    package static func cel(_ bytes: [UInt8]) {
        let split = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let text = String(decoding: bytes[split...].dropFirst(), as: UTF8.self)
        for limits in [CELLimits.engine, .guardText] {
            guard let tree = parsed(text, limits) else { return }
            let json = Array(bytes[..<split])
            let arguments = (try? JSONValue(parsing: json, limits: JSONLimits(bytes: 1 << 16)))
            judge(tree, GuardVariables(arguments: CELValue(arguments ?? .null)), json.count)
        }
    }

    private static func parsed(_ text: String, _ limits: CELLimits) -> CELTree? {
        do throws(CELProblem) {
            let tree = try CELParser.parse(text, limits: limits)
            precondition(tree.nodes.count <= limits.nodes, "a tree is within its limits")
            precondition(tree.root == tree.nodes.count - 1, "the root comes last")
            return tree
        } catch {
            checkPlace(error, in: text)
            return nil
        }
    }

    private static func checkPlace(_ problem: CELProblem, in text: String) {
        precondition(
            (0...text.unicodeScalars.count).contains(problem.offset), "a problem has a place")
        precondition(!problem.message.utf8.contains(0x0a), "a message is one line")
    }

    private static func judge(_ tree: CELTree, _ variables: GuardVariables, _ size: Int) {
        let resolution = CELNames.resolve(tree, in: environment)
        var types: CELTypes?
        do throws(CELProblems) {
            types = try CELChecker.check(tree, resolution, in: environment)
        } catch {
            precondition(!error.problems.isEmpty, "what is refused has a reason")
            for problem in error.problems { checkPlace(problem, in: tree.text) }
        }
        let program: CELProgram
        do throws(CELProblem) {
            program = try CELProgram(tree, resolution, in: environment)
        } catch {
            return checkPlace(error, in: tree.text)
        }
        let first = steps(of: program, variables)
        let second = steps(of: program, variables)
        precondition(first.taken == second.taken, "an evaluation takes as many steps each time")
        guard let types else { return }
        if let value = first.value {
            precondition(value.fits(types.result), "a value has the type that was found")
        }
        let review = CELGuardRules.review(tree, resolution, types, in: environment)
        // Arguments this short contain no string and no list above the assumed sizes.
        guard review.problems.isEmpty, size <= 2 * CELCost.assumedItems else { return }
        precondition(first.taken <= review.cost.assumed, "the bound on steps holds")
    }

    private static func steps(
        of program: CELProgram, _ variables: GuardVariables
    ) -> (value: CELValue?, taken: Int) {
        var budget = CELBudget()
        let value = try? program.evaluate(variables, budget: &budget)
        precondition(budget.left >= -1, "the budget is held")
        return (value, CELBudget.ofDecision - budget.left)
    }

    private static let environment = CELEnvironment(
        variables: [
            .init("args", .dyn), .init("now", .timestamp), .init("call.tool", .string),
            .init("call.tainted", .bool), .init("agent.tier", .string),
        ],
        library: .standard, patterns: RE2Compiler(), zones: OneZone())
}

private struct GuardVariables: CELVariables {
    let arguments: CELValue

    func value(of slot: Int) -> CELValue? {
        switch slot {
        case 0: arguments
        case 1: .timestamp(CELTimestamp(seconds: 1_800_000_000, nanoseconds: 0))
        case 3: .bool(true)
        default: .string("deploy")
        }
    }
}

private struct OneZone: ZoneSource {
    let version = "none"
    func zone(named name: String) -> ZoneRules? {
        name == "Asia/Kathmandu" ? ZoneRules(fixedSeconds: 20_700) : nil
    }
}

extension CELValue {
    /// Compares only the types that fully describe a value; a value of any other type fits.
    fileprivate func fits(_ type: CELType) -> Bool {
        switch (type, self) {
        case (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double), (.string, .string),
            (.bytes, .bytes), (.list, .list), (.map, .map):
            true
        case (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _), (.bytes, _),
            (.list, _), (.map, _):
            false
        default: true
        }
    }
}
