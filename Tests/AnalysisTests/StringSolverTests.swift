import InterlockPolicyCEL
import Testing

@testable import InterlockPolicy

@Suite struct `Strings` {
    private func literal(_ atom: StringAtom, not: Bool = false) -> StringLiteral {
        StringLiteral(atom: atom, isNegated: not)
    }

    @Test func `a prefix and a suffix that overlap give one string`() throws {
        let text = try StringSolver.solve([
            literal(.prefix("abc".codePointArray)), literal(.suffix("cde".codePointArray)),
            literal(.size(NumberSet(.count, .lessEqual, ConstantNumber(5)))),
        ])
        #expect(text == "abcde")
    }

    @Test func `a string cannot be shorter than its prefix and suffix need`() throws {
        let text = try StringSolver.solve([
            literal(.prefix("abc".codePointArray)), literal(.suffix("cde".codePointArray)),
            literal(.size(NumberSet(.count, .less, ConstantNumber(5)))),
        ])
        #expect(text == nil)
    }
}
