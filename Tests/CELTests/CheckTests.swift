import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct CheckTests {
    @Test(
        arguments: [
            ("1 + 2", "int"), ("1 < 2.0", "bool"), ("[1, 'a']", "list(dyn)"),
            ("[[], [[]], [[[]]]]", "list(list(list(list(dyn))))"),
            ("{'a': 1}.map(k, k)", "list(string)"), ("{1: 'a'}.filter(k, k > 0)", "list(int)"),
            ("[1].transformMap(i, v, string(v))", "map(int, string)"),
            ("{'a': 1}.transformMapEntry(k, v, {v: k})", "map(int, string)"),
            ("[optional.none(), optional.of(1)]", "list(optional_type(int))"),
            ("[optional.of(1), null][0]", "optional_type(int)"),
            ("[null, optional.of(1)][0]", "optional_type(int)"),
            ("true ? 1 : dyn('a')", "dyn"), ("{'a': 1}.?b", "optional_type(int)"),
            ("[1][?0]", "optional_type(int)"), ("[?optional.of(1)]", "list(int)"),
            ("optional.of(1).optMap(x, string(x))", "optional_type(string)"),
            ("optional.of({'a': 'b'}).a", "optional_type(string)"),
            ("cel.bind(x, [1], x + x)", "list(int)"), ("type(1)", "type(int)"),
            ("timestamp('2026-01-01T00:00:00Z') - duration('1h')", "timestamp"),
            ("[].map(x, x)[0]", "dyn"), ("1 in [1]", "bool"), ("-1.5", "double"),
            ("math.greatest(1, 2.0)", "dyn"), ("-(1)", "int"), ("!true", "bool"),
        ])
    func `deduced as the specification says`(_ text: String, _ expected: String) throws {
        #expect(try type(of: text) == expected)
    }

    @Test(
        arguments: [
            ("1 + 'a'", "noOverload: `+` does not take (int, string)"),
            ("!1", "noOverload: `!` does not take (int) (it takes (bool))"),
            ("1 && true", "noOverload: `&&` does not take int"),
            ("1 == 'a'", "comparison: comparison of int with string"),
            ("1 in ['a']", "comparison: `in` does not find int in list(string)"),
            ("true ? 1 : 'a'", "noOverload: `? :` does not take (bool, int, string)"),
            ("1.all(x, true)", "noOverload: a macro runs over a list or a map, not int"),
            ("[1].all(x, 2)", "noOverload: the condition of a macro gives int, not bool"),
            ("[?1]", "noOverload: `?` needs an optional value, not int"),
            ("'a'.b", "noOverload: string has no fields"),
            ("A{b: 1}", "undeclared: `A` is no type that can be made with fields"),
            ("nou", "undeclared: `nou` is not declared (did you mean `now`?)"),
            (
                "call.sever == 'x'",
                "undeclared: `call.sever` is not declared (did you mean `call.server`?)"
            ),
            ("other.thing.deep", "undeclared: `other` is not declared"),
            ("call.qqqqqqqq", "undeclared: `call.qqqqqqqq` is not declared"),
            (
                "'a'.startWith('b')",
                "unknownFunction: there is no function `startWith` (did you mean `startsWith`?)"
            ),
            (
                "math.greatests(1, 2)",
                "unknownFunction: there is no function `math.greatests` (did you mean `math.greatest`?)"
            ),
            ("isIP(1)", "noOverload: `isIP` does not take (int) (it takes (string))"),
        ])
    func `refused with what was meant`(_ text: String, _ expected: String) throws {
        let found = try findings(text)
        #expect(found.count == 1)
        #expect(found.first.map(withoutPlace) == expected)
    }

    @Test func `one mistake is told once, and two mistakes are told both`() throws {
        #expect(try findings("(args.a + 1 + 'a') == 'b' && true").count == 1)
        #expect(try findings("1 + 'a' == 2 && !3").count == 2)
    }

    @Test func `without a schema everything is asked at run time`() throws {
        #expect(try findings("args.anything.at.all > 3 && args['x'].startsWith('y')") == [])
    }

    @Test func `types that double with each binding end the check`() throws {
        // Each level uses the variable twice, as key and as value.
        var nested = "{1: 1}"
        for _ in 0..<40 { nested = "cel.bind(a, \(nested), {a: a})" }
        let found = Result { try Checked(nested, in: .testing(), limits: .engine) }
        guard case .failure(let error as CELProblems) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(error.problems.map(\.kind) == [.tooLarge])
    }
}
