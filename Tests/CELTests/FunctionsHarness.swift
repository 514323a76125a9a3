import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockZones

@testable import InterlockPolicyCEL

/// The result of an expression whose only variable is `x`: its value as an expression, `refused` if the checker rejects
/// it, or `!` and the kind of its fault.
func outcome(
    _ text: String, x: CELValue? = nil, isChecked: Bool = true, steps: Int = CELBudget.ofDecision
) -> String {
    let environment = functionsEnvironment
    var budget = CELBudget(steps: steps)
    do {
        let tree = try CELParser.parse(text)
        let resolution = CELNames.resolve(tree, in: environment)
        if isChecked { _ = try CELChecker.check(tree, resolution, in: environment) }
        let program = try CELProgram(tree, resolution, in: environment)
        return try program.evaluate(OneVariable(value: x), budget: &budget).text
    } catch let fault as CELFault {
        return "!" + fault.kind.rawValue
    } catch is CELProblems {
        return "refused"
    } catch {
        return "\(error)"
    }
}

let functionsEnvironment = CELEnvironment(
    variables: [CELEnvironment.Variable("x", .dyn)], library: .standard, patterns: RE2Compiler(),
    zones: SystemZones())

struct OneVariable: CELVariables {
    let value: CELValue?
    func value(of slot: Int) -> CELValue? { value }
}

/// Returns nil if the expression does not yield a string.
func value(_ text: String, x: CELValue? = nil) -> String? {
    let environment = functionsEnvironment
    var budget = CELBudget()
    guard let tree = try? CELParser.parse(text),
        let program = try? CELProgram(
            tree, CELNames.resolve(tree, in: environment), in: environment),
        case .string(let text)? = try? program.evaluate(OneVariable(value: x), budget: &budget)
    else { return nil }
    return text
}
