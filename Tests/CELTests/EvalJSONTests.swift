import InterlockPolicy
import Testing

@Suite struct EvalJSONTests {
    private let refund =
        "args.amount_cents > 0 && args.amount_cents <= 50000 && args.currency in ['EUR', 'USD']"

    @Test(
        arguments: [
            (#"{"amount_cents": 4200, "currency": "EUR"}"#, "true"),
            (#"{"amount_cents": 50001, "currency": "EUR"}"#, "false"),
            (#"{"amount_cents": 50000.5, "currency": "EUR"}"#, "false"),
            (#"{"amount_cents": 4200, "currency": "eur"}"#, "false"),
            (#"{"amount_cents": 4200}"#, "!no_such_key"),
            (#"{"amount_cents": "4200", "currency": "EUR"}"#, "!no_such_overload"),
            (#"{"amount_cents": null, "currency": "EUR"}"#, "!no_such_overload"),
            (#"{"amount_cents": [4200], "currency": "EUR"}"#, "!no_such_overload"),
        ])
    func `a guard on the arguments of a call`(args: String, expected: String) throws {
        let result = try evaluated(refund, args: args)
        #expect(result.text == expected)
    }

    /// The angstrom sign and A with a ring above: equal strings in Swift, three bytes each.
    @Test(
        arguments: [
            (#"args.e == "\u212b""#, "true"), (#"args.e == "A\u030a""#, "false"),
            (#"args.e in ["A\u030a"]"#, "false"), (#"args["\u212b"] == 1"#, "true"),
            (#"args["A\u030a"] == 1"#, "!no_such_key"),
            (#"args.e in ["0","1","2","3","4","5","6","7","A\u030a"]"#, "false"),
            (#"args.e in ["0","1","2","3","4","5","6","7","\u212b"]"#, "true"),
            (#"args == {"e": "\u212b", "\u212b": 1}"#, "true"),
            (#"args == {"e": "\u212b", "A\u030a": 1}"#, "false"),
            (#"{"\u212b": 1, "A\u030a": 2}["A\u030a"]"#, "2"),
        ])
    func `text that only looks the same is another text`(text: String, expected: String) throws {
        let result = try evaluated(text, args: #"{"e": "\u212b", "\u212b": 1}"#)
        #expect(result.text == expected)
    }

    @Test(
        arguments: [
            ("args.list == [1, 2.5, 'x', null, {'a': [true]}]", "true"),
            ("args.list[4].a[0]", "true"), ("args.list[5]", "!invalid_argument"),
            ("args.list[-1]", "!invalid_argument"), ("args.list[1.0] == 2.5", "true"),
            ("args.list[true]", "!invalid_argument"), ("args.list.size()", "5"),
            ("args.list.map(x, type(x)) == [int, double, string, null_type, map]", "true"),
            ("2.5 in args.list && !(3 in args.list)", "true"),
            ("args.list + args.list == [1] + args.list[?9].orValue([])", "false"),
            ("args.map == {'b': 2, 'a': 1}", "true"), ("args.map.map(k, k)", #"["a", "b"]"#),
            ("args.map.transformMap(k, v, v * 2)", #"{"a": 2, "b": 4}"#),
            ("args.map.transformList(k, v, v)", "[1, 2]"), ("has(args.map.a)", "true"),
            ("has(args.none)", "true"), ("has(args.nothing)", "false"),
            ("args.list.a", "!no_selection"), ("has(args.none.a)", "!no_selection"),
            ("args.map[1]", "!no_such_key"), ("1 in args.map", "false"),
        ])
    func `lists and objects are used as they came`(text: String, expected: String) throws {
        let args =
            #"{"list": [1, 2.5, "x", null, {"a": [true]}], "map": {"a": 1, "b": 2}, "none": null}"#
        let result = try evaluated(text, args: args)
        #expect(result.text == expected)
    }
}
