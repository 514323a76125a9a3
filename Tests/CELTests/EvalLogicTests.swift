import InterlockPolicy
import Testing

@Suite struct EvalLogicTests {
    @Test(
        arguments: [
            ("1/0 == 1 || true", "true"), ("true || 1/0 == 1", "true"),
            ("1/0 == 1 && false", "false"), ("false && 1/0 == 1", "false"),
            ("1/0 == 1 || false", "!divide_by_zero"), ("true && 1/0 == 1", "!divide_by_zero"),
            ("args.missing || true", "true"), ("!(args.missing > 500)", "!no_such_key"),
            ("args.missing > 500 || args.other > 1", "!no_such_key"),
            ("[0, 1].exists(x, 1 / x == 1)", "true"), ("[1, 0].exists(x, 1 / x == 1)", "true"),
            ("[0, 1].all(x, 1 / x == 2)", "false"),
            ("[0, 1].all(x, 1 / x == 1)", "!divide_by_zero"),
            ("[0, 1].exists_one(x, 1 / x == 1)", "!divide_by_zero"),
            ("'text' && true", "!no_such_overload"), ("nobody || true", "true"),
            ("nobody", "!undeclared"), ("nothing(1)", "!undeclared"),
            ("1/0 == 1 ? true : true", "!divide_by_zero"), ("1 ? 2 : 3", "!no_such_overload"),
        ])
    func `an operand that decides absorbs the fault of the other one`(
        text: String, expected: String
    ) throws {
        let result = try evaluated(text)
        #expect(result.text == expected)
    }

    @Test(
        arguments: [
            "true || args.n.all(x, x >= 0)", "false && args.n.all(x, x >= 0)",
            "true ? true : args.n.all(x, x >= 0)",
        ])
    func `what is decided is not evaluated further`(text: String) throws {
        #expect(try evaluated(text, args: #"{"n": \#(numbers(100))}"#).steps < 5)
    }

    @Test func `a variable without a value is absent for has, and an error for all else`() throws {
        #expect(try evaluated("has(call.on_behalf_of)").text == "false")
        #expect(try evaluated("call.?on_behalf_of.orValue('nobody')").text == #""nobody""#)
        #expect(try evaluated("call.on_behalf_of == 'a@b.c'").text == "!undeclared")
        #expect(try evaluated("args.x == 1", args: nil).text == "!undeclared")
    }
}
