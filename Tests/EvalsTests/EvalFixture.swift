import InterlockModel
import InterlockPolicy
import InterlockTesting
import InterlockYAML

@testable import InterlockEvals

/// Suites of tests, written as their files are.
enum EvalFixture {
    static let agentName = AgentName("refunds").unwrapped
    static let ines = Person("ines@acme.example").unwrapped
    static let day = CivilDate("2026-11-29").unwrapped
    static let digest = "sha256:" + String(repeating: "ab", count: 32)

    static let head = """
        interlock_eval: 1
        agent: refunds
        owner: ines@acme.example
        command: ["/opt/agents/refunds/run", "--headless"]

        """

    /// The text of a policy case.
    static func policyText(
        _ id: String, _ caseClass: String = "refuse", expect: String = "deny",
        call: String = "billing.refund_request", by: String = "paul@acme.example",
        more: String = ""
    ) -> String {
        """
        interlock_eval: 1
        id: \(id)
        kind: policy
        class: \(caseClass)
        reviewed: {by: \(by), on: "2026-11-12"}
        call: \(call)
        args: {amount_cents: 50001, currency: EUR}
        at: "2026-11-20T10:00:00Z"
        expect: \(expect)
        \(more)
        """
    }

    /// The text of an agent case.
    static func agentText(
        _ id: String, _ caseClass: String = "golden", by: String = "paul@acme.example",
        expect: String = "{calls: {required: [{call: billing.get_invoice}]}}", more: String = ""
    ) -> String {
        """
        interlock_eval: 1
        id: \(id)
        kind: agent
        class: \(caseClass)
        reviewed: {by: \(by), on: "2026-11-12"}
        request: Refund order 8812.
        world: fixtures/orders.yaml
        expect: \(expect)
        \(more)
        """
    }

    /// The fixture that agent cases name.
    static let world = """
        interlock_eval: 1
        servers:
          billing:
            state: {refunds: [], note: "order 8812"}
            tools:
              get_invoice: {answer: {structured: {amount_cents: 1900}}}
              refund_request:
                - match: {/amount_cents: 1900}
                  answer: {state: /refunds}
                  patch: [{op: add, path: /refunds/-, value: {amount_cents: 1900}}]
                - answer: {error: no such order}
          crm:
            tools:
              mail: {answer: {text: sent}}

        """

    static func readWorld(_ text: String) -> WorldReading {
        let file = SuiteReader.File(path: "fixtures/orders.yaml", bytes: Array(text.utf8))
        return WorldReading(SuiteReader.parsed(file))
    }

    /// The worlds of a suite whose cases name one fixture.
    static func worlds(_ text: String = world) -> SuiteWorlds {
        let file = SuiteReader.File(path: "fixtures/orders.yaml", bytes: Array(text.utf8))
        return SuiteWorlds(
            [(path: "fixtures/orders.yaml", file: SuiteReader.parsed(file))],
            patterns: PartPatterns())
    }

    /// The expectations of an agent case that must be valid.
    static func agentCase(_ expect: String) -> AgentCase? {
        guard case .agent(let agent)? = readCase(agentText("a", expect: expect)).evalCase?.body
        else { return nil }
        return agent
    }

    static func read(_ suite: String, _ cases: [String]) -> SuiteReading {
        let files = cases.enumerated().map { number, text in
            SuiteReader.File(path: "cases/\(number).yaml", bytes: Array(text.utf8))
        }
        return SuiteReader.read(
            SuiteReader.File(path: "suite.yaml", bytes: Array(suite.utf8)), cases: files)
    }

    static func readCase(_ text: String) -> CaseReading {
        let file = SuiteReader.File(path: "case.yaml", bytes: Array(text.utf8))
        return CaseReading(SuiteReader.parsed(file), of: agentName)
    }

    /// A suite that must be valid.
    static func valid(_ more: String = "", _ cases: [String]) -> Suite {
        read(head + more, cases).suite.unwrapped
    }

    static func id(_ text: String) -> CaseID { CaseID(text).unwrapped }

    /// A suite of `count` utility agent cases `g0`, `g1` and so on.
    static func golden(_ count: Int, _ more: String = "") -> Suite {
        valid(more, (0..<count).map { agentText("g\($0)") })
    }
}

/// Patterns that match the texts that contain them; `[` is no pattern.
struct PartPatterns: PatternCompiler {
    private struct Part: Pattern {
        let part: String
        var instructions: Int { 1 }
        func matches(_ text: String) -> Bool { text.contains(part) }
    }

    func compile(_ text: String) throws(PatternError) -> any Pattern {
        guard text != "[" else { throw PatternError(message: "missing ]") }
        return Part(part: text)
    }
}
