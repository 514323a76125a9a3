import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The errors of a suite, and the gaps in its proof (docs/specs/evals.md, sections 2 and 9).
///
/// INVARIANT: an error makes a run invalid, and a flag that does not warn makes the suite thin. Kept by
/// `SuiteLintTests`.
package struct SuiteLint: Sendable {
    package struct Problem: Sendable, Hashable {
        package let place: PolicyLocation
        /// One line in lower case.
        package let message: String

        package var text: String { "\(place) \(message)" }
    }

    /// The errors by file and line; a suite with one proves nothing.
    package let errors: [Problem]
    /// The flags in the order of their codes.
    package let flags: [RaisedFlag]
    /// The reachable tools that a case calls, of all reachable tools.
    package let called: Int
    package let reachable: Int

    package init(_ suite: Suite, facts: LintFacts, worlds: SuiteWorlds, probes: LintProbes) {
        errors = SuiteErrors(suite, facts, worlds, probes).found
        let coverage = ToolCoverage(suite)
        called = facts.tools.count(where: { coverage.called.contains($0.address) })
        reachable = facts.tools.count
        flags = SuiteFlags(suite, facts, worlds, probes, coverage).raised
    }

    /// True if a flag does more than warn.
    package var isThin: Bool { flags.contains { !$0.isWarning } }

    /// The codes of all flags, as results have them.
    package var codes: [String] { flags.map(\.flag.code) }
}

/// The tools that the cases of a suite call, and those that they want refused.
struct ToolCoverage {
    private(set) var called: Set<ToolAddress> = []
    /// The tools of cases of class `refuse`.
    private(set) var refused: Set<ToolAddress> = []

    init(_ suite: Suite) {
        for one in suite.counted {
            switch one.body {
            case .policy(let policy):
                called.insert(policy.call)
                if one.caseClass == .refuse { refused.insert(policy.call) }
            case .agent(let agent):
                called.formUnion(agent.demanded)
                called.formUnion(agent.calls.stopped.map(\.call))
                if one.caseClass == .refuse { refused.formUnion(agent.withheld) }
            }
        }
    }
}

/// The errors of a suite that its files alone do not show.
private struct SuiteErrors {
    private(set) var found: [SuiteLint.Problem] = []

    init(
        _ suite: Suite, _ facts: LintFacts, _ worlds: SuiteWorlds, _ probes: LintProbes
    ) {
        found = worlds.errors
        let today = facts.now.day
        for entry in suite.flaky {
            let days = entry.expires.daysSince1970 - today.daysSince1970
            if days > EvalLimits.flakyDays {
                add(
                    entry.place,
                    "flaky: `\(entry.id)` ends in \(days) days, more than \(EvalLimits.flakyDays)")
            }
        }
        if let age = suite.maxAge, age > facts.tier.resultAge {
            let days = facts.tier.resultAge.components.seconds / 86_400
            add(
                suite.place,
                "max_age: a suite at tier `\(facts.tier.rawValue)` cannot state more than \(days)d")
        }
        let reachable = Set(facts.tools.map(\.address))
        for one in suite.cases {
            check(one, of: suite, today, probes)
            if case .agent(let agent) = one.body {
                check(one, agent, reachable, worlds)
                checkTools(of: one, agent, facts)
            }
        }
        if let forbids = facts.forbids {
            for one in suite.cases { checkReason(of: one, forbids) }
        }
        found.sort { a, b in
            (a.place.file, a.place.line, a.place.column)
                < (b.place.file, b.place.line, b.place.column)
        }
    }

    private mutating func add(_ place: PolicyLocation, _ message: String) {
        found.append(SuiteLint.Problem(place: place, message: message))
    }

    /// The reasons of refusals before the decision, besides those of decisions.
    private static let schemaReasons = ["schema", "violation", "extra-field"]

    /// Reports a `because` that no decision can have. Names with a dot or a bracket are paths of rules, which are not
    /// compared: a path that does not decide fails its case.
    private mutating func checkReason(of one: EvalCase, _ forbids: [String]) {
        guard case .policy(let policy) = one.body, let because = policy.test.because,
            !because.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") })
        else { return }
        let known: [String] =
            DecisionReason.allCases.map(\.rawValue) + Self.schemaReasons + ["breaker-agent"]
            + forbids
        guard !known.contains(where: { sameBytes($0, because) }) else { return }
        let near = didYouMean(because, among: known).map { "; \($0)" } ?? ""
        add(
            one.place,
            "`\(one.id)`: because: `\(because)` is neither a reason of decisions nor a forbid rule\(near)"
        )
    }

    private mutating func check(
        _ one: EvalCase, of suite: Suite, _ today: CivilDate, _ probes: LintProbes
    ) {
        if let day = one.lastReview, day > today {
            add(one.place, "`\(one.id)`: reviewed on \(day.text), which is in the future")
        }
        if one.isLowered {
            let people = Set(one.reviews.map(\.by)).subtracting([suite.owner])
            if people.count < 2 {
                add(
                    one.place,
                    "`\(one.id)`: a case of class `\(one.caseClass.rawValue)` with `gate: utility` "
                        + "needs two reviewers besides the owner of the suite")
            }
        }
        if let digest = one.regressionOf {
            switch probes.fails(one, digest) {
            case true?: break
            case false?:
                add(one.place, "`\(one.id)`: passes on the policy that it is a regression of")
            case nil:
                add(
                    one.place,
                    "`\(one.id)`: cannot be run on the policy that it is a regression of")
            }
        }
    }

    /// Reports a tool that the agent must not use, or may use so many times, and that does not exist: a misspelled name
    /// would be a line that always holds.
    private mutating func checkTools(of one: EvalCase, _ agent: AgentCase, _ facts: LintFacts) {
        let named = agent.withheld + agent.calls.counts.map(\.call)
        guard let isTool = facts.isTool, let tool = named.first(where: { !isTool($0) })
        else { return }
        add(
            one.place,
            "`\(one.id)`: `\(tool)` is no tool of the policy or the lock that a trial has")
    }

    private mutating func check(
        _ one: EvalCase, _ agent: AgentCase, _ reachable: Set<ToolAddress>, _ worlds: SuiteWorlds
    ) {
        // A demand for a tool that the agent does not have can only fail; what it must not use need not be there.
        if let tool = agent.demanded.first(where: { !reachable.contains($0) }) {
            add(one.place, "`\(one.id)`: demands `\(tool)`, which the agent cannot reach")
        }
        for problem in worlds.errors(of: agent) {
            add(problem.place, "`\(one.id)`: \(problem.message)")
        }
    }
}
