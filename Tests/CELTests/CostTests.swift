import Testing

@testable import InterlockPolicyCEL

@Suite struct CostTests {
    private let schema = """
        {"type": "object", "additionalProperties": false, "properties": {
          "short": {"type": "string", "maxLength": 16}, "long": {"type": "string"},
          "few": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 4}},
          "hundred": {"type": "array", "maxItems": 100, "items": {"type": "integer"}},
          "many": {"type": "array", "items": {"type": "integer"}},
          "huge": {"type": "string", "maxLength": 1000000},
          "kind": {"enum": ["a", "bb"]}}}
        """

    private func cost(_ text: String) throws -> CELCost {
        try Checked(text, in: .ofGuards(schema: schema)).review.cost
    }

    @Test func `each node is a step`() throws {
        #expect(try cost("true") == CELCost(stated: 1, assumed: 1))
        #expect(try cost("1 + 2 < 4 && !false").assumed == 8)
    }

    @Test func `the dearer branch counts`() throws {
        let both = try cost("args.short == '' ? 1 + 2 + 3 == 6 : true").assumed
        let one = try cost("args.short == '' ? true : true").assumed
        #expect(both == one + 6)
    }

    @Test func `text counts by sixteen bytes, of the smaller side of a comparison`() throws {
        let unequal = try cost("args.long == 'EUR'").assumed
        let both = try cost("args.long == args.long").assumed
        #expect(both - unequal >= 4096 / 16 - 2)
        // Sixteen code points take at most 64 bytes.
        let stated = try cost("args.short == args.long").stated
        let none = try cost("args.long == args.long").stated
        #expect(stated == none)
        #expect(try cost("args.short == args.short").stated == none + 4)
    }

    @Test func `an enumeration is as long as its longest value`() throws {
        let one = try cost("args.kind == args.long").assumed
        #expect(one == (try cost("'bb' == args.long").assumed) + 1)
    }

    @Test func `matches has the weights of its text and its pattern`() throws {
        let short = try cost("args.short.matches('abcd')").stated
        let long = try cost("args.short.matches('abcdabcd')").stated
        #expect(long - short == 7)
        let text = try cost("args.long.matches('abcd')")
        #expect(text.assumed - text.stated == 410)
    }

    @Test func `a loop counts its rounds`() throws {
        let hundred = try cost("args.hundred.all(x, x > 0)").stated
        let twice = try cost("args.hundred.all(x, x > 0 && x > 0)").stated
        #expect(twice - hundred == 100 * 4)
        let unknown = try cost("args.many.all(x, x > 0)")
        #expect(unknown.assumed - unknown.stated == 256 * 4)
        #expect(unknown.stated < 10)
    }

    @Test(
        arguments: [
            "args.huge.matches('abcdefgh')", "args.huge == args.huge",
            "args.hundred.all(x, args.hundred.all(y, x > y))",
        ])
    func `what stated sizes alone make too dear is refused`(_ text: String) throws {
        let review = try Checked(text, in: .ofGuards(schema: schema)).review
        #expect(review.problems.map(\.kind) == [.cost])
        #expect(!review.mayRunOut)
    }

    @Test(
        arguments: [
            "args.many.all(x, args.many.all(y, x > y))",
            "args.long.matches('\(String(repeating: "a", count: 200))')",
        ])
    func `what only unknown sizes make too dear is warned of`(_ text: String) throws {
        let review = try Checked(text, in: .ofGuards(schema: schema)).review
        #expect(review.problems == [])
        #expect(review.mayRunOut)
    }

    @Test func `bounds do not overflow`() throws {
        let text = "args.huge.replace('', args.huge).replace('', args.huge).matches('a')"
        #expect(try cost(text).stated > CELCost.limit)
    }

    @Test(
        arguments: [
            "args.short.matches('(')", "args.short.matches(args.long)",
            "args.short.matches('\(String(repeating: "a", count: 257))')",
            "matches(args.short, 'a' + 'b')",
        ])
    func `a pattern is a constant that compiles`(_ text: String) throws {
        let review = try Checked(text, in: .ofGuards(schema: schema)).review
        #expect(review.problems.map(\.kind) == [.pattern])
    }

    @Test(
        arguments: [
            ("now.getHours('Europe/Berlin') < 12", []), ("now.getHours('+02:00') < 12", []),
            ("now.getHours() < 12", []), ("now.getHours('Europe/Berlyn') < 12", [.zone]),
            ("now.getHours(args.short) < 12", [.zone]), ("now.getDate('25:00') < 12", [.zone]),
        ] as [(String, [CELProblem.Kind])])
    func `a time zone is a constant that exists`(
        _ text: String, _ expected: [CELProblem.Kind]
    ) throws {
        let review = try Checked(text, in: .ofGuards(schema: schema)).review
        #expect(review.problems.map(\.kind) == expected)
    }

    @Test(
        arguments: [
            ("args.few.all(x, x + 'a' == 'b')", 1), ("args.few.map(x, [x] + [x]).size() > 1", 1),
            ("args.hundred.all(x, x + 1 > 2)", 0),
            ("args.few.all(x, x.replace('a', 'b') == '')", 1),
            ("args.few.all(x, [x].join() == '')", 1),
            ("args.few.all(x, '%s'.format([x]) == '')", 1),
            ("args.few.all(x, strings.quote(x) == '')", 1),
            ("(args.few + args.few).all(x, x == '')", 0), ("args.short + 'a' == 'b'", 0),
            ("args.few.all(x, args.few.all(y, x + y == ''))", 1),
        ])
    func `text and lists do not grow inside of a macro`(_ text: String, _ count: Int) throws {
        let review = try Checked(text, in: .ofGuards(schema: schema)).review
        #expect(review.problems.count { $0.kind == .stringBuilding } == count)
    }
}
