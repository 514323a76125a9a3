import Testing

@testable import InterlockPolicyCEL

@Suite struct EvalBudgetTests {
    @Test(
        arguments: [
            "args.n.all(x, args.n.all(y, x + y >= 0))",
            "args.n.all(x, args.n.all(y, x + y >= 0)) || true",
            "true && (args.n.exists(x, args.n.exists(y, x + y < 0)) || true)",
            "[1].exists(z, args.n.all(x, args.n.all(y, x + y >= 0)) || true)",
            "args.n.exists(z, z == 1 || args.n.all(x, args.n.all(y, x + y >= 0))) || true",
        ])
    func `running out of steps is absorbed by nothing`(text: String) throws {
        let result = try evaluated(text, args: #"{"n": \#(numbers(256))}"#)
        #expect(result.text == "!budget")
    }

    @Test(arguments: CELFault.Kind.allCases)
    func `what an evaluation may cost is no fault of its values`(kind: CELFault.Kind) {
        #expect(CELFault(kind).canBeAbsorbed == ![.budget, .depth].contains(kind))
    }

    @Test func `a budget that has run out stays so`() throws {
        var budget = CELBudget(steps: 3)
        #expect(throws: CELFault(.budget)) { try budget.spend(4) }
        #expect(throws: CELFault(.budget)) { try budget.spend() }
        #expect(throws: CELFault(.budget)) { try budget.spend(.max) }
    }

    @Test(
        arguments: [
            // Four nodes: the comparison, the field and its variable, the constant.
            ("args.s == ''", 4),
            // Plus 1,000 bytes of each of two equal texts, which are compared once.
            ("args.s == args.s", 5 + 63), ("args.s < args.s", 5 + 63),
            ("args.s.contains('b')", 4 + 63), ("args.s.size() == 1000", 5 + 63),
            ("args.s.matches('^a+$')", 4 + 100 * 1), ("args.s in ['a', 'b']", 4 + 63),
            ("args.s + args.s", 5 + 125),
            // 100 elements at one step each; then one step per iteration plus its body.
            ("args.n == args.n", 5 + 100), ("100 in args.n", 4 + 100),
            ("args.n.all(x, true)", 3 + 100 * 2), ("args.n.map(x, x + 1) == []", 5 + 100 * 4),
        ])
    func `steps are those of the policy's table`(text: String, expected: Int) throws {
        let long = String(repeating: "a", count: 1000)
        let args = #"{"s": "\#(long)", "n": \#(numbers(100))}"#
        let result = try evaluated(text, args: args)
        #expect(result.steps == expected)
    }

    @Test func `keys that were made alike cost their steps`() throws {
        let prefix = String(repeating: "k", count: 160)
        let keys = (100..<200).map { #""\#(prefix)\#($0)": 1"# }.joined(separator: ",")
        let result = try evaluated("args['\(prefix)199'] == 1", args: "{\(keys)}")
        #expect(result.text == "true")
        #expect(result.steps > 100 * 10)
    }

    @Test(
        arguments: [
            ("timestamp('2026-01-01T00:00:00Z')", 1), ("10 * 1024 + 1", 1), ("[1, 2, [3]]", 1),
            ("{'a': [1, 2]}", 1), ("duration('1h')", 1),
        ])
    func `what depends on nothing is evaluated once, when it is compiled`(
        text: String, expected: Int
    ) throws {
        let result = try evaluated(text)
        #expect(result.steps == expected)
    }

    @Test(arguments: [("1 / 0", "!divide_by_zero"), ("{1: 1, 1u: 2}", "!repeated_key")])
    func `a constant that is a fault stays one until it is evaluated`(
        text: String, expected: String
    ) throws {
        let result = try evaluated(text)
        #expect(result.text == expected)
        #expect(try evaluated("true || \(text) == 1").text == "true")
    }
}
