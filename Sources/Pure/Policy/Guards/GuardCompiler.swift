import InterlockJSON
import InterlockModel

/// Turns the texts of guards into guards, and says what is wrong with them. A text is parsed once and
/// checked once for each tool that it is about.
///
/// A class, because it remembers; used while a policy is compiled, by one thread.
final class GuardCompiler {
    private let engines: PolicyEngines
    /// nil: arguments of tools have no types.
    private let lock: PolicyLock?
    /// What the policy itself says of its resources.
    private let resources: [ToolAddress: URITemplate]
    private let untyped: CELEnvironment
    /// By their bytes: texts that only look alike mean something else to a guard.
    private var texts: [ExactText: Result<Parsed, CELProblem>] = [:]
    private let given: [ExactText: Guard]
    private var arguments: [ToolAddress: Result<CELSchema.Arguments?, CELProblem>] = [:]
    private var checks: [Check: [GuardRemark]] = [:]
    private var reported: Set<Finding> = []

    private struct Parsed {
        let tree: CELTree
        let resolution: CELResolution
        let compiled: Guard
    }

    private struct Check: Hashable {
        let text: ExactText
        let tool: ToolAddress?
    }

    /// - Parameters:
    ///   - resources: whose variables are texts, with a lock or without; of a policy that was checked before
    ///     none need be named.
    ///   - given: guards that were compiled before.
    init(
        _ engines: PolicyEngines, lock: PolicyLock?,
        resources: [ToolAddress: URITemplate] = [:], given: [ExactText: Guard] = [:]
    ) {
        self.engines = engines
        self.given = given
        self.lock = lock
        self.resources = resources
        untyped = Self.environment(nil, engines)
    }

    /// Of every text that was looked at and compiles.
    var guards: [ExactText: Guard] {
        texts.compactMapValues { try? $0.get().compiled }.merging(given) { _, given in given }
    }

    /// Each problem once, however many agents and tools share the text.
    var findings: [Finding] { Array(reported) }

    /// The guard of a text that `check` has seen or not; one that does not compile is an error always.
    func compiled(_ text: GuardText) -> Guard {
        if let known = given[ExactText(text.source)] { return known }
        return switch parsed(text.source) {
        case .success(let parsed): parsed.compiled
        case .failure:
            Guard(text.source, program: nil, readsClock: false, readsTaint: false)
        }
    }

    /// Judges a guard for one tool.
    ///
    /// - Parameters:
    ///   - tool: nil where the guard is about no listed tool.
    ///   - path: of the rule that the guard belongs to.
    func check(_ text: GuardText, for tool: ToolAddress?, path: String) {
        report(remarks(on: text.source, for: tool), on: text, path: path)
    }

    func report(_ remarks: [GuardRemark], on text: GuardText, path: String) {
        for remark in remarks { reported.insert(remark.finding(in: text, path: path + ".when")) }
    }

    func remarks(on text: String, for tool: ToolAddress?) -> [GuardRemark] {
        // Without a lock a text means the same for every tool, but not for resources.
        let typed = tool.flatMap { lock == nil && resources[$0] == nil ? nil : $0 }
        let key = Check(text: ExactText(text), tool: typed)
        if let known = checks[key] { return known }
        let found = judge(text, for: key.tool)
        checks[key] = found
        return found
    }

    private func judge(_ text: String, for tool: ToolAddress?) -> [GuardRemark] {
        switch (parsed(text), arguments(of: tool)) {
        case (.failure(let problem), _), (.success, .failure(let problem)):
            return [GuardRemark(problem, for: reviewed(tool))]
        case (.success(let parsed), .success(let arguments)):
            let environment = Self.environment(arguments, engines)
            do throws(CELProblems) {
                let types = try CELChecker.check(parsed.tree, parsed.resolution, in: environment)
                let review = CELGuardRules.review(
                    parsed.tree, parsed.resolution, types, in: environment)
                return GuardRemark.all(of: review, for: reviewed(tool))
            } catch {
                return error.problems.map { GuardRemark($0, for: reviewed(tool)) }
            }
        }
    }

    /// What a message calls the schema of a tool: `desk.find (sha256:e00d31)`.
    private func reviewed(_ tool: ToolAddress?) -> String? {
        guard let tool, let pin = lock?.pin(of: tool) else { return nil }
        return "\(tool) (\(pin.prefixed.prefix(13)))"
    }

    private func arguments(
        of tool: ToolAddress?
    ) -> Result<CELSchema.Arguments?, CELProblem> {
        guard let tool else { return .success(nil) }
        if let template = resources[tool] { return .success(template.guardArguments) }
        guard let schema = lock?.inputSchema(of: tool) else { return .success(nil) }
        if let known = arguments[tool] { return known }
        let result: Result<CELSchema.Arguments?, CELProblem>
        do throws(CELProblem) { result = .success(try CELSchema.arguments(of: schema)) } catch {
            result = .failure(error)
        }
        arguments[tool] = result
        return result
    }

    private func parsed(_ text: String) -> Result<Parsed, CELProblem> {
        let key = ExactText(text)
        if let known = texts[key] { return known }
        let result: Result<Parsed, CELProblem>
        do throws(CELProblem) { result = .success(try parse(text)) } catch {
            result = .failure(error)
        }
        texts[key] = result
        return result
    }

    private func parse(_ text: String) throws(CELProblem) -> Parsed {
        let tree = try CELParser.parse(text, limits: .guardText)
        let resolution = CELNames.resolve(tree, in: untyped)
        let program = try CELProgram(tree, resolution, in: untyped)
        let compiled = Guard(
            text, program: program,
            readsClock: tree.reads(.now, resolution), readsTaint: tree.readsTaint(resolution))
        return Parsed(tree: tree, resolution: resolution, compiled: compiled)
    }

    private static func environment(
        _ arguments: CELSchema.Arguments?, _ engines: PolicyEngines
    ) -> CELEnvironment {
        CELEnvironment(
            variables: GuardVariable.variables(arguments: arguments), library: .standard,
            patterns: engines.patterns, zones: engines.zones)
    }
}
