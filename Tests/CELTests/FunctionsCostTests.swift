import InterlockPatterns
import InterlockPolicy
import InterlockTesting
import InterlockZones
import Testing

@testable import InterlockPolicyCEL

@Suite struct FunctionsCostTests {
    private static let environment = CELEnvironment(
        variables: [
            CELEnvironment.Variable("s", .string), CELEnvironment.Variable("t", .string),
            CELEnvironment.Variable("l", .list(.string)), CELEnvironment.Variable("d", .dyn),
        ], library: .standard, patterns: RE2Compiler(), zones: SystemZones())

    /// Loading a policy guarantees that a guard ends within its bound; a function that took more steps would break the
    /// guarantee.
    @Test(
        arguments: [
            "s.charAt(size(s))", "s.indexOf(t)", "s.lastIndexOf(t, size(s))", "s.substring(0)",
            "s.replace(t, s)", "s.replace('', 'ab')", "s.split(t)", "s.split('')", "l.join(t)",
            "l.join()", "s.lowerAscii().upperAscii()", "s.trim()", "s.reverse()",
            "strings.quote(s)", "'%s %s'.format([s, l])", "'%x'.format([s])", "s.format(l)",
            "'%s'.format([d])", "'%.100f%.100e'.format([1e300, 1e-300])",
            "'%b%o'.format([9223372036854775807, 18446744073709551615u])",
            "'%s'.format([timestamp('9999-12-31T23:59:59.999999999Z')])",
            "math.greatest([1, 2, 3]) > math.least(1, 2)", "isIP(s)", "isCIDR(t)",
            "cidr('::/0').containsIP(s)", "base64.decode(s)", "base64.encode(bytes(s))",
            "sets.contains(l, l)", "sets.intersects(l, [s, t])", "optional.of(s).orValue(t)",
        ])
    func `no function takes more steps than its bound`(text: String) throws {
        let tree = try CELParser.parse(text)
        let names = CELNames.resolve(tree, in: Self.environment)
        let types = try CELChecker.check(tree, names, in: Self.environment)
        let program = try CELProgram(tree, names, in: Self.environment)
        let bound = CELCost.bound(tree, names, types, in: Self.environment).assumed
        var generator = SeededGenerator.announced()
        for _ in 0..<30 {
            let list = (0..<Int.random(in: 0...CELCost.assumedItems, using: &generator)).map { _ in
                CELValue.string(word(longest: 20, &generator))
            }
            let variables = Variables(values: [
                .string(word(longest: CELCost.assumedBytes, &generator)),
                .string(word(longest: 3, &generator)), .list(.values(list)),
                .list(.values([.list(.values(list)), .bytes(Array("ab".utf8)), .double(1e-300)])),
            ])
            let steps = 1 << 40
            var budget = CELBudget(steps: steps)
            _ = try? program.evaluate(variables, budget: &budget)
            #expect(steps - budget.left <= bound)
        }
    }

    private func word(longest: Int, _ generator: inout SeededGenerator) -> String {
        let letters = Array("ab\"%s".utf8)
        let bytes = (0..<Int.random(in: 0...longest, using: &generator)).map { _ in
            letters[Int.random(in: letters.indices, using: &generator)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private struct Variables: CELVariables {
    let values: [CELValue]
    func value(of slot: Int) -> CELValue? { values[slot] }
}
