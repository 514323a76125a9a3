import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// Units that the entry of a tool declares: how they are read, and what a review shows by them.
@Suite struct `Units of a tool` {
    private static let money = "{amount_cents: {money: minor, currency: args.currency}}"

    private static func text(_ units: String = money) -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            tools:
              pay: {class: write, effects: [irreversible, spends_money], units: \(units)}
              look: {class: read}
        """
    }

    private func findings(_ units: String) -> [String] {
        PolicyReader.read(policyFiles(Self.text(units))).findings.reported.map(\.text)
    }

    private func amounts(
        _ arguments: JSONValue, units: String = money
    ) throws -> JSONValue? {
        try snapshot(Self.text(units)).reviewedAmounts(of: try address("desk.pay"), in: arguments)
    }

    @Test func `a review has the raw number and the text`() throws {
        #expect(
            try amounts(["amount_cents": 50000, "currency": "EUR", "order": 7]) == [
                "amount_cents": ["raw": 50000, "shown": "500.00 EUR"]
            ])
        #expect(
            try amounts(["amount_cents": 123_456, "currency": "EUR"]) == [
                "amount_cents": ["raw": 123_456, "shown": "1\u{202f}234.56 EUR"]
            ])
    }

    @Test(
        arguments: [
            (["amount_cents": 5], "currency not given in args.currency"),
            (["amount_cents": 5, "currency": 978], "currency not given in args.currency"),
            (["amount_cents": 5, "currency": "eur"], "args.currency is no currency of ISO 4217"),
            (["amount_cents": 5, "currency": "<b>"], "args.currency is no currency of ISO 4217"),
        ] as [(JSONValue, String)])
    func `an unknown currency is a reason, and the number stays raw`(
        _ arguments: JSONValue, _ reason: String
    ) throws {
        #expect(
            try amounts(arguments) == ["amount_cents": ["raw": 5, "reason": .string(reason)]])
    }

    @Test func `a text in the place of a number is not repeated`() throws {
        let long = JSONValue.string(String(repeating: "x", count: 60_000))
        #expect(
            try amounts(["amount_cents": long, "currency": "EUR"]) == [
                "amount_cents": ["reason": "not a number"]
            ])
    }

    @Test func `a call without such an argument, or a tool without units, has no amounts`() throws {
        #expect(try amounts(["currency": "EUR"]) == nil)
        let policy = try snapshot(Self.text())
        #expect(policy.reviewedAmounts(of: try address("desk.look"), in: ["n": 1]) == nil)
        #expect(policy.reviewedAmounts(of: try address("else.look"), in: ["n": 1]) == nil)
    }

    @Test func `every kind is read, also for a member of an object`() throws {
        let units = """
            {a: bytes, b: seconds, c: milliseconds, d: percent, e: unix_s, f: unix_ms, \
            g: {count: seats}, to.h: {money: major, currency: JPY}, i: {is: bytes}}
            """
        #expect(findings(units) == [])
        let shown = try amounts(
            [
                "a": 1024, "b": 60, "c": 5, "d": 3, "e": 0, "f": 0, "g": 2, "to": ["h": 9],
                "i": 1024,
            ], units: units)
        let texts = (shown?.object?.members ?? []).map {
            "\($0.key) \($0.value["shown"]?.string ?? "")"
        }
        #expect(
            texts == [
                "a 1 KiB", "b 1 min", "c 5 ms", "d 3 %", "e 1970-01-01 00:00:00 UTC",
                "f 1970-01-01 00:00:00 UTC", "g 2 seats", "i 1 KiB", "to.h 9 JPY",
            ])
    }

    @Test(arguments: [
        ("{a: minutes}", "E203"), ("{a: minor}", "E203"), ("{a: {money: minor}}", "E204"),
        ("{a: {money: cents, currency: EUR}}", "E203"),
        ("{a: {money: minor, currency: XAU}}", "E218"),
        ("{a: {money: minor, currency: eur}}", "E218"),
        ("{a: {money: minor, currency: currency}}", "E218"),
        ("{a: {count: seats, currency: EUR}}", "E218"), ("{a: {count: \"\"}}", "E218"),
        ("{a: {count: \" seats\"}}", "E218"), ("{a: {count: \"se\u{200b}ats\"}}", "E218"),
        ("{a: {currency: EUR}}", "E202"), ("{a: {is: bytes, count: seats}}", "E202"),
        ("{a: {unit: bytes}}", "E201"), ("{a: }", "E202"), ("{\"a[0]\": bytes}", "E218"),
        ("[a]", "E202"),
    ]) func `a mistake is named at its line`(_ units: String, _ code: String) {
        let found = findings(units)
        #expect(found.contains { $0.hasPrefix("policy.yaml:7:") && $0.contains(code) }, "\(found)")
    }

    @Test func `more units than a review can carry are refused`() {
        let many = (0...ToolUnits.most).map { "a\($0): bytes" }.joined(separator: ", ")
        #expect(findings("{\(many)}").contains { $0.contains("E109") })
    }

    @Test func `the digest covers every part of a unit`() throws {
        func digest(_ text: String) throws -> Digest { try snapshot(text).digest }
        let own = try digest(Self.text())
        for units in [
            "{}", "{amount_cents: {money: major, currency: args.currency}}",
            "{amount_cents: {money: minor, currency: args.code}}",
            "{amount_cents: {money: minor, currency: EUR}}", "{amount_cents: bytes}",
            "{amount: {money: minor, currency: args.currency}}",
        ] {
            #expect(try digest(Self.text(units)) != own, "\(units)")
        }
        #expect(try digest(Self.text("{n: bytes}")) == digest(Self.text("{n: {is: bytes}}")))
        // A policy without units has the digest that it had before units existed.
        let without = Self.text().replacing(", units: \(Self.money)", with: "")
        let canonical = try #require(try snapshot(without).document.canonical())
        #expect(!String(decoding: canonical.serialized(), as: UTF8.self).contains("units"))
    }
}
