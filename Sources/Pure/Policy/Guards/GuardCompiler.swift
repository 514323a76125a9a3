import InterlockJSON
package import InterlockModel
import InterlockPolicyCEL

/// Compiles the texts of guards and reports their problems. A text is parsed once, and checked once for
/// each tool that it concerns.
///
/// It is a class, because it caches results. One thread uses it while a policy is compiled.
final class GuardCompiler {
    private let engines: PolicyEngines
    /// The lock, or nil if the arguments of tools are untyped.
    private let lock: PolicyLock?
    /// The templates that the policy itself states for its resources.
    private let resources: [ToolAddress: URITemplate]
    private let untyped: CELEnvironment
    /// The results by the bytes of the text: texts that only look alike mean different things to a guard.
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
    ///   - resources: the resources, whose variables are texts with or without a lock. A policy that was
    ///     checked before need not name them.
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

    /// The guards of all texts that were parsed and compile.
    var guards: [ExactText: Guard] {
        texts.compactMapValues { try? $0.get().compiled }.merging(given) { _, given in given }
    }

    /// Each problem once, regardless of how many agents and tools share the text.
    var findings: [Finding] { Array(reported) }

    /// The guard of a text, whether `check` has seen it or not. One that does not compile is an error.
    func compiled(_ text: GuardText) -> Guard {
        if let known = given[ExactText(text.source)] { return known }
        return switch parsed(text.source) {
        case .success(let parsed): parsed.compiled
        case .failure: Guard(text.source, program: nil, readsClock: false)
        }
    }

    /// Checks a guard for one tool.
    ///
    /// - Parameters:
    ///   - tool: the tool, or nil if the guard concerns no listed tool.
    ///   - path: the path of the rule that the guard belongs to.
    func check(_ text: GuardText, for tool: ToolAddress?, path: String) {
        report(remarks(on: text.source, for: tool), on: text, path: path)
    }

    func report(_ remarks: [GuardRemark], on text: GuardText, path: String) {
        for remark in remarks { reported.insert(remark.finding(in: text, path: path + ".when")) }
    }

    func remarks(on text: String, for tool: ToolAddress?) -> [GuardRemark] {
        // A text means the same for every tool if there is no lock, except for resources.
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

    /// The name of a tool's schema in messages: `desk.find (sha256:e00d31)`.
    private func reviewed(_ tool: ToolAddress?) -> String? {
        guard let tool, let pin = lock?.pin(of: tool) else { return nil }
        return "\(tool) (\(pin.prefixed.prefix(13)))"
    }

    private func arguments(of tool: ToolAddress?) -> Result<CELSchema.Arguments?, CELProblem> {
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
            readsClock: tree.reads(.now, resolution),
            readsArgumentsAlone: tree.readsArgumentsAlone(resolution))
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

/// The dependencies of a policy, because Pure has no matcher, reads no files and starts no threads.
package struct PolicyEngines: Sendable {
    let patterns: any PatternCompiler
    let zones: any ZoneSource
    let workers: any Workers

    package init(
        patterns: any PatternCompiler, zones: any ZoneSource, workers: any Workers = OneWorker()
    ) {
        self.patterns = patterns
        self.zones = zones
        self.workers = workers
    }
}
