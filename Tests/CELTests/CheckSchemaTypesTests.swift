import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct CheckSchemaTypesTests {
    private let schema = """
        {"type": "object", "required": ["amount_cents", "currency", "note", "order"],
         "additionalProperties": false,
         "properties": {
           "amount_cents": {"type": "integer"}, "currency": {"type": "string", "maxLength": 3},
           "rate": {"type": "number"}, "note": {"type": ["string", "null"]},
           "urgent": {"type": "boolean"}, "files": {"type": "array", "items": {"type": "string"}},
           "labels": {"type": "object", "additionalProperties": {"type": "string"}},
           "order": {"type": "object", "properties": {"id": {"type": "string"}}},
           "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
           "lines": {"type": "array", "items": {"type": "object", "required": ["price"],
             "properties": {"price": {"type": "integer"}, "tax": {"type": "integer"}}}}}}
        """

    @Test(
        arguments: [
            "args.amount_cents > 0 && args.amount_cents <= 50000 && args.currency in ['EUR', 'USD']",
            "args.note == null || args.note == 'x'", "args.note.startsWith('x')",
            "args.rate < 5 && args.rate == 5.5 && args.rate != 5u && 3 >= args.rate",
            "double(args.rate) * 2.0 < 3.0", "args.files.all(f, f.endsWith('.txt'))",
            "args.labels.team == 'x' && args.labels['a'] == 'b'", "'x' in args.labels",
            "'files' in args", "has(args.files)", "args['currency'] == 'EUR'",
            "args.either == 1 || args.either == 'x'", "args.lines.all(l, l.price < 5)",
            "args.order['unknown'] == 1", "args.order.?id.orValue('') == ''",
            "args.rate in [1, 2]", "args.all(k, k != 'x')", "size(args.files) <= 20",
        ])
    func `takes what the schema allows`(_ text: String) throws {
        #expect(try findings(text, schema: schema) == [])
    }

    @Test(
        arguments: [
            (
                "args.amount_cent > 0",
                "unknownField: `args.amount_cent` is not in billing.refund_request (did you mean `amount_cents`?)"
            ),
            (
                "has(args.filez)",
                "unknownField: `args.filez` is not in billing.refund_request (did you mean `files`?)"
            ),
            (
                "args['filez'] == 1",
                "unknownField: `args.filez` is not in billing.refund_request (did you mean `files`?)"
            ),
            (
                "args.order.total > 1",
                "unknownField: `args.order.total` is not in billing.refund_request"
            ),
            (
                "args.lines.all(l, l.prise < 5)",
                "unknownField: `l.prise` is not in billing.refund_request (did you mean `price`?)"
            ),
            ("args.currency > 1", "comparison: comparison of string `args.currency` with int"),
            ("500 == args.currency", "comparison: comparison of int with string `args.currency`"),
            (
                "args.amount_cents in ['1']",
                "comparison: `in` does not find int `args.amount_cents` in list(string)"
            ),
            (
                "args.either == true",
                "comparison: comparison of int or string `args.either` with bool"
            ),
            ("args.rate == 'x'", "comparison: comparison of number `args.rate` with string"),
            (
                "args.rate * 2 > 3",
                "arithmeticOnNumber: arithmetic on number `args.rate`, which may be int or double (write `double(args.rate)`)"
            ),
            (
                "-args.rate > 3.0",
                "arithmeticOnNumber: arithmetic on number `args.rate`, which may be int or double (write `double(args.rate)`)"
            ),
            (
                "args.amount_cents.startsWith('5')",
                "noOverload: `startsWith` does not take (int, string) (it takes (string, string))"
            ),
            ("args.note.x == 1", "noOverload: string or null_type `args.note` has no fields"),
            ("args.amount_cents", "notBool: the guard gives int, not bool"),
            ("args.note", "notBool: the guard gives string or null_type, not bool"),
        ])
    func `refuses what the schema rules out`(_ text: String, _ expected: String) throws {
        let found = try findings(text, schema: schema)
        #expect(found.count == 1)
        #expect(found.first.map(withoutPlace) == expected)
    }

    @Test func `a problem stands at the operand that is meant`() throws {
        #expect(
            try findings("true && args.currency > 1", schema: schema)
                .first?.hasPrefix("comparison 8:") == true)
    }

    @Test(
        arguments: [
            ("args.urgent", ["args.urgent"]), ("has(args.urgent) && args.urgent", []),
            ("args.urgent && has(args.urgent)", []), ("!has(args.urgent) || args.urgent", []),
            ("has(args.urgent) || args.urgent", ["args.urgent"]),
            ("has(args.urgent) ? args.urgent : false", []),
            ("has(args.urgent) ? false : args.urgent", ["args.urgent"]),
            ("'urgent' in args && args['urgent']", []), ("args['urgent']", ["args.urgent"]),
            ("args.amount_cents > 1", []), ("args.order.id == 'x'", ["args.order.id"]),
            ("has(args.order.id) && args.order.id == 'x'", []),
            ("!(has(args.rate) && args.rate > 5)", []),
            ("args.files.exists(f, f == 'x')", ["args.files"]),
            ("has(args.lines) && args.lines.all(l, l.tax > 0)", ["l.tax"]),
            ("has(args.lines) && args.lines.all(l, has(l.tax) && l.tax > 0)", []),
            ("args.?urgent.orValue(false)", []),
            ("!(!has(args.rate) || args.rate > 5)", []),
        ])
    func `tells which fields may be absent where they are read`(
        _ text: String, _ expected: [String]
    ) throws {
        let checked = try Checked(text, in: .ofGuards(schema: schema))
        #expect(checked.review.optionalReads.map(\.path) == expected)
    }
}
