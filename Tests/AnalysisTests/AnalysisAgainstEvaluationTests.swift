import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicyCEL
import InterlockTesting
import InterlockZones
import Testing

@testable import InterlockPolicy

@Suite struct `Analysis against evaluation` {
    private static let guards = 16
    private static let points = 5_000

    @Test func `every point lies in the region that evaluating it names`() throws {
        var maker = GuardMaker(random: .announced())
        for _ in 0..<Self.guards {
            let text = maker.guardText()
            let judge = try GuardJudge(text)
            for _ in 0..<Self.points {
                let input = maker.input()
                let expected = judge.evaluate(input)
                let regions = judge.truth
                let found = [
                    regions.isTrue.contains(input), regions.isFalse.contains(input),
                    regions.isError.contains(input), !regions.isNotTrue.contains(input),
                    !regions.isNotFalse.contains(input),
                ]
                let wanted = [
                    expected == true, expected == false, expected == nil, expected == true,
                    expected == false,
                ]
                try #require(
                    found == wanted,
                    "\(text) with \(input.arguments) at \(input.now.rfc3339()) is \(String(describing: expected))"
                )
            }
        }
    }

    @Test func `a witness of a region lies in it, and what is empty holds no point`() throws {
        var maker = GuardMaker(random: .announced())
        let domain = InputDomain(arguments: .dyn)
        var found = 0
        for _ in 0..<150 {
            let (left, right) = (maker.guardText(), maker.guardText())
            let (a, b) = (try GuardJudge(left), try GuardJudge(right))
            let region = try a.truth.isTrue.intersection(b.truth.isNotTrue)
            let now = maker.input().now
            switch region.emptiness(in: domain, prefer: now) {
            case .input(let input):
                found += 1
                let isWitness = a.evaluate(input) == true && b.evaluate(input) != true
                #expect(isWitness, "\(left) and not \(right): \(input.arguments)")
            case .empty:
                for _ in 0..<200 {
                    let input = maker.input()
                    let isInside = a.evaluate(input) == true && b.evaluate(input) != true
                    #expect(!isInside, "\(left) and not \(right): \(input.arguments)")
                }
            case .open: Issue.record("\(left) and not \(right) is left open")
            }
        }
        #expect(found > 20)
    }
}

/// One guard, analysed and evaluated.
struct GuardJudge {
    let truth: Ternary
    private let program: CELProgram

    init(_ text: String, constants: [String: String] = [:]) throws {
        let tree = try CELParser.parse(text, limits: .engine)
        let environment = CELEnvironment(
            variables: [.init("args", .dyn), .init("now", .timestamp)], library: .standard,
            patterns: RE2Compiler(), zones: SystemZones())
        let resolution = CELNames.resolve(tree, in: environment)
        program = try CELProgram(tree, resolution, in: environment)
        truth = try GuardAnalyzer.analyze(
            tree,
            in: GuardContext(domain: InputDomain(arguments: .dyn), constants: constants))
    }

    /// Returns nil if the evaluation fails or does not yield a boolean.
    func evaluate(_ input: CallInput) -> Bool? {
        var budget = CELBudget()
        guard case .bool(let value)? = try? program.evaluate(Variables(input), budget: &budget)
        else { return nil }
        return value
    }

    private struct Variables: CELVariables {
        let input: CallInput
        init(_ input: CallInput) { self.input = input }

        func value(of slot: Int) -> CELValue? {
            if slot == 0 { return CELValue(.object(input.arguments)) }
            let seconds = input.now.microseconds / 1_000_000
            let rest = Int32(input.now.microseconds % 1_000_000) * 1000
            return .timestamp(CELTimestamp(seconds: seconds, nanoseconds: rest))
        }
    }
}
