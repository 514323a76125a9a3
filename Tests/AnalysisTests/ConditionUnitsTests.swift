import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Conditions and limits in the units that a tool declares. `_` in an expected text is U+202F.
@Suite struct `Conditions in units` {
    private static let entry =
        "refund_request: {class: write, effects: [irreversible, spends_money]"
    private static func units(_ units: String) -> (String, String) {
        ("\(entry)}", "\(entry), units: \(units)}")
    }
    private static let euros = "{amount_cents: {money: minor, currency: args.currency}}"

    private func words(
        _ guardText: String, _ units: String = euros, permitted: Set<String>? = nil
    ) throws -> String {
        let policy = try acme(Self.units(units))
        let tool = ToolAddress(
            server: try #require(ServerName("billing")),
            tool: try #require(ToolName("refund_request")))
        var known: [ArgumentPath: Set<String>] = [:]
        known[try #require(ArgumentPath("args.currency"))] = permitted
        let condition = ConditionUnits(policy.units(of: tool), permitted: known)
        return ConditionFormatter.words(of: guardText, units: condition)
            .replacing("\u{202f}", with: "_")
    }

    @Test(arguments: [
        (
            "args.amount_cents <= 50000 && args.currency == 'EUR'",
            #"amount_cents is at most 500.00 EUR and currency is "EUR""#
        ),
        (
            "args.currency in ['USD', 'EUR'] && 1000000 >= args.amount_cents",
            #"currency is one of "USD", "EUR" and amount_cents is at most 10_000.00 EUR or USD"#
        ),
        (
            "args.amount_cents <= 500 && args.currency == 'JPY'",
            #"amount_cents is at most 500 JPY and currency is "JPY""#
        ),
        (
            "(args.currency == 'EUR' || args.currency == 'USD') && args['amount_cents'] > -5",
            #"(currency is "EUR" or currency is "USD") and amount_cents is more than -0.05 EUR or USD"#
        ),
        // The digits differ, or the currency is not fixed where the amount is compared.
        (
            "args.amount_cents <= 500 && args.currency in ['EUR', 'JPY']",
            #"amount_cents is at most 500 minor units of currency and currency is one of "EUR", "JPY""#
        ),
        (
            "args.amount_cents <= 50000 || args.currency == 'EUR'",
            #"amount_cents is at most 50_000 minor units of currency or currency is "EUR""#
        ),
        (
            "args.amount_cents <= 500 && args.currency != 'EUR'",
            #"amount_cents is at most 500 minor units of currency and currency is not "EUR""#
        ),
        (
            "!(args.amount_cents > 500 || args.currency != 'EUR')",
            #"amount_cents is at most 5.00 EUR and currency is "EUR""#
        ),
        (
            "args.amount_cents <= 500 && args.currency == 'XAU'",
            #"amount_cents is at most 500 minor units of currency and currency is "XAU""#
        ),
        (
            "args.amount_cents in [100, 200]",
            "amount_cents is one of 100 minor units of currency, 200 minor units of currency"
        ),
        ("args.other <= 50000", "other is at most 50000"),
        ("args.amount_cents <= 0.5", "amount_cents is at most 0.5"),
        ("args.amount_cents <= 9007199254740992", "amount_cents is at most 9007199254740992"),
        ("args.amount_cents == 'x'", #"amount_cents is "x""#),
        ("size(args.amount_cents) > 5", "the size of amount_cents is more than 5"),
    ]) func `a number is in its unit where the condition fixes the currency`(
        _ guardText: String, _ expected: String
    ) throws {
        #expect(try words(guardText) == expected)
    }

    @Test func `the reviewed schema may fix the currency`() throws {
        let cap = "args.amount_cents > 200000"
        #expect(try words(cap, permitted: ["EUR"]) == "amount_cents is more than 2_000.00 EUR")
        #expect(
            try words(cap, permitted: ["EUR", "USD"])
                == "amount_cents is more than 2_000.00 EUR or USD")
        #expect(
            try words(cap, permitted: ["AUD", "CAD", "EUR", "USD"])
                == "amount_cents is more than 200_000 minor units of currency")
        #expect(
            try words("\(cap) && args.currency == 'EUR'", permitted: ["EUR", "USD"])
                == #"amount_cents is more than 2_000.00 EUR and currency is "EUR""#)
    }

    @Test(
        arguments: [
            (["enum": ["EUR", "USD"]], ["currency"], ["EUR", "USD"]),
            (["const": "EUR"], ["currency"], ["EUR"]),
            // A call may lack the argument, or have null in it.
            (["enum": ["EUR"]], [], nil), (["enum": ["EUR", .null]], ["currency"], nil),
            (["type": "string"], ["currency"], nil),
            (["anyOf": [["enum": ["EUR"]], ["type": "string"]]], ["currency"], nil),
        ] as [(JSONValue, JSONValue, Set<String>?)])
    func `only texts that every call has are taken from a schema`(
        _ currency: JSONValue, _ required: JSONValue, _ expected: Set<String>?
    ) throws {
        let schema: JSONObject = ["properties": ["currency": currency], "required": required]
        let path = try #require(ArgumentPath("args.currency"))
        #expect(schema.permittedTexts(at: path) == expected)
    }

    @Test(arguments: [
        ("bytes", "1.5 KiB"), ("{count: seats}", "1_536 seats"), ("seconds", "25 min 36 s"),
        ("{money: minor, currency: EUR}", "15.36 EUR"), ("percent", "1_536 %"),
        ("unix_s", "1970-01-01 00:25:36 UTC"),
    ]) func `every kind of unit is said`(_ unit: String, _ expected: String) throws {
        #expect(
            try words("args.amount_cents <= 1536", "{amount_cents: \(unit)}")
                == "amount_cents is at most \(expected)")
    }

    @Test func `pages and limits have the words, and the expression next to them`() throws {
        let policy = try acme(Self.units(Self.euros))
        let agent = try #require(AgentName("refunds"))
        let reach = try #require(WorstCase(policy, of: agent, .asWritten, at: exampleTime))
        let row = try #require(
            reach.rows.first { $0.tool.description == "billing.refund_request" })
        #expect(row.outcome.sentence.contains("amount_cents is at most 500.00 EUR or USD"))
        #expect(row.guards.contains { $0.contains("args.amount_cents <= 50000") })
        // Two currencies: their sum is no amount of money.
        #expect(reach.daily.spend.map(\.shown) == [nil])
        let one = try acme(
            Self.units(Self.euros), ("args.currency in ['EUR', 'USD']", "args.currency == 'EUR'"))
        let fixed = try #require(WorstCase(one, of: agent, .asWritten, at: exampleTime))
        #expect(fixed.daily.spend.map(\.shown) == ["5\u{202f}000.00 EUR"])
    }

    @Test func `other units are a change that counts as allowing more`() throws {
        let own = try acme(Self.units(Self.euros))
        let path = "servers.billing.tools.refund_request.units.amount_cents"
        let minor = #"{"currency":"args.currency","money":"minor"}"#
        let major = #"{"currency":"args.currency","money":"major"}"#
        #expect(
            lines(try acme(), own) == ["NOT COMPARABLE \(path): \(minor) was absent"])
        #expect(
            lines(own, try acme()) == ["NOT COMPARABLE \(path): absent was \(minor)"])
        let changed = try acme(
            Self.units("{amount_cents: {money: major, currency: args.currency}}"))
        #expect(lines(own, changed) == ["NOT COMPARABLE \(path): \(major) was \(minor)"])
        #expect(lines(own, own) == [])
        #expect(PolicyComparison.compare(own, changed, at: exampleTime).worst == .notComparable)
    }
}
