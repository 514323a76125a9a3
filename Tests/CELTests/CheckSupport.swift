import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockZones

@testable import InterlockPolicyCEL

/// A text that was parsed and checked like a guard of a policy.
struct Checked {
    let tree: CELTree
    let resolution: CELResolution
    let types: CELTypes
    let environment: CELEnvironment

    init(
        _ text: String, in environment: CELEnvironment, limits: CELLimits = .guardText
    ) throws {
        self.environment = environment
        tree = try CELParser.parse(text, limits: limits)
        resolution = CELNames.resolve(tree, in: environment)
        types = try CELChecker.check(tree, resolution, in: environment)
    }

    var review: CELGuardReview { CELGuardRules.review(tree, resolution, types, in: environment) }
}

extension CELEnvironment {
    static func testing(
        _ variables: [Variable] = [], container: String = "", library: CELLibrary = .standard
    ) -> CELEnvironment {
        CELEnvironment(
            container: container, variables: variables, library: library,
            patterns: RE2Compiler(), zones: SystemZones())
    }

    /// The environment of guards: `args` typed by a schema, and the facts about the call.
    static func ofGuards(schema: String?) throws -> CELEnvironment {
        var arguments = CELSchema.Arguments.untyped
        if let schema { arguments = try CELSchema.arguments(of: jsonObject(schema)) }
        var environment = testing([
            .init("args", arguments.type, extent: arguments.extent), .init("now", .timestamp),
            .init("call.server", .string), .init("call.tainted", .bool),
            .init("call.on_behalf_of", .string), .init("agent.tier", .string),
        ])
        environment.schemaName = "billing.refund_request"
        return environment
    }
}

func jsonObject(_ text: String) throws -> JSONObject {
    guard case .object(let object) = try JSONValue(parsing: Array(text.utf8), limits: .agent)
    else { throw NoObject() }
    return object
}

struct NoObject: Error {}

/// The findings of the checker and of the rules for guards, one line each: `unknownField 5: message (help)`.
func findings(_ text: String, schema: String? = nil) throws -> [String] {
    let environment = try CELEnvironment.ofGuards(schema: schema)
    let problems: [CELProblem]
    do {
        problems = try Checked(text, in: environment).review.problems
    } catch let error as CELProblems {
        problems = error.problems
    }
    return problems.map { problem in
        let help = problem.help.map { " (\($0))" } ?? ""
        return "\(problem.kind) \(problem.offset): \(problem.message)\(help)"
    }
}

/// A finding without its offset: `unknownField: message (help)`.
func withoutPlace(_ finding: String) -> String {
    String(finding.prefix { $0 != " " } + finding.drop { $0 != ":" })
}

/// The deduced type as text.
func type(of text: String, _ variables: [CELEnvironment.Variable] = []) throws -> String {
    try Checked(text, in: .testing(variables), limits: .engine).types.result.text
}
