import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockZones

@testable import InterlockPolicyCEL

/// The result of an expression on JSON arguments, as a call has them, and the steps that it took.
struct Evaluated: Equatable {
    /// The value as an expression, or `!` and the kind of the fault.
    let text: String
    let steps: Int
}

/// - Parameter args: the JSON text of `args`; if nil, the variable has no value.
func evaluated(
    _ text: String, args: String? = "{}", steps: Int = CELBudget.ofDecision
) throws -> Evaluated {
    let environment = CELEnvironment(
        variables: [.init("args", .dyn), .init("call.on_behalf_of", .string)], library: .standard,
        patterns: RE2Compiler(), zones: SystemZones())
    let tree = try CELParser.parse(text)
    let program = try CELProgram(
        tree, CELNames.resolve(tree, in: environment), in: environment)
    let json = try args.map {
        try JSONValue(parsing: Array($0.utf8), limits: JSONLimits(bytes: 1 << 20))
    }
    let variables = CorpusVariables(values: [json.map { CELValue($0) }, nil])
    var budget = CELBudget(steps: steps)
    let outcome: String
    do throws(CELFault) {
        outcome = try program.evaluate(variables, budget: &budget).text
    } catch {
        outcome = "!" + error.kind.rawValue
    }
    return Evaluated(text: outcome, steps: steps - budget.left)
}

/// The value of an expression without variables.
func valueOf(_ text: String) throws -> CELValue {
    let environment = functionsEnvironment
    let tree = try CELParser.parse(text)
    var budget = CELBudget(steps: .max)
    return try CELProgram(tree, CELNames.resolve(tree, in: environment), in: environment)
        .evaluate(OneVariable(value: nil), budget: &budget)
}

/// A JSON list of the integers from 0 to `count - 1`.
func numbers(_ count: Int) -> String {
    "[" + (0..<count).map { String($0) }.joined(separator: ",") + "]"
}
