import InterlockPatterns
import InterlockPolicy
import InterlockZones
import Testing

@testable import InterlockPolicyCEL

@Suite struct EvalCompileTests {
    @Test(
        arguments: [
            ("x.matches('(')", CELProblem.Kind.pattern, 10), ("x.matches(x)", .pattern, 10),
            ("matches('a', 'b' + x)", .pattern, 13), ("x.getHours('Mars/Olympus')", .zone, 11),
            ("x.getHours(x)", .zone, 11), ("Message{a: 1}", .undeclared, 0),
        ])
    func `what has to be constant is refused before anything is evaluated`(
        text: String, kind: CELProblem.Kind, offset: Int
    ) throws {
        let tree = try CELParser.parse(text)
        let environment = functionsEnvironment
        let problem = #expect(throws: CELProblem.self) {
            try CELProgram(tree, CELNames.resolve(tree, in: environment), in: environment)
        }
        #expect(problem?.kind == kind)
        #expect(problem?.offset == offset)
    }

    @Test func `an expression nested as deep as the parser allows is evaluated`() throws {
        let deep = String(repeating: "(1 + ", count: 60) + "1" + String(repeating: ")", count: 60)
        #expect(outcome(deep) == "61")
        let chain = Array(repeating: "x", count: 100).joined(separator: " + ")
        #expect(outcome(chain, x: .int(1)) == "100")
    }

    @Test func `subjects of faults are cut`() throws {
        let fault = CELFault(.conversion, String(repeating: "é", count: 10_000))
        #expect(fault.subject?.unicodeScalars.count == CELFault.longestSubject)
    }
}
