import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Numbers in the units that people read (docs/specs/console.md, section 3). `_` in an expected text is U+202F.
@Suite struct `Amounts in their units` {
    private func text(
        _ number: String, _ kind: ArgumentUnit.Kind, _ code: String? = nil
    ) throws(AmountError) -> String {
        guard let value = try? JSONValue(parsing: Array(number.utf8), limits: .upstream) else {
            throw .notNumber
        }
        return try UnitFormatter.text(of: value, as: kind, code.flatMap(Currency.init))
            .replacing("\u{202f}", with: "_")
    }

    private func money(
        _ number: String, _ scale: ArgumentUnit.MoneyScale, _ code: String
    ) throws(AmountError) -> String {
        guard let path = ArgumentPath("args.currency") else { throw .notNumber }
        return try text(number, .money(scale, .argument(path)), code)
    }

    @Test(arguments: [
        ("50000", "EUR", "500.00 EUR"), ("129900", "NOK", "1_299.00 NOK"),
        ("0", "EUR", "0.00 EUR"), ("1", "EUR", "0.01 EUR"), ("-5", "EUR", "-0.05 EUR"),
        ("-123456789", "EUR", "-1_234_567.89 EUR"), ("50000.0", "EUR", "500.00 EUR"),
        ("5e4", "EUR", "500.00 EUR"), ("1500", "JPY", "1_500 JPY"), ("0", "JPY", "0 JPY"),
        ("1234", "KWD", "1.234 KWD"), ("7", "BHD", "0.007 BHD"), ("12345", "CLF", "1.2345 CLF"),
        ("9007199254740991", "EUR", "90_071_992_547_409.91 EUR"),
        ("-9007199254740991", "JPY", "-9_007_199_254_740_991 JPY"),
    ]) func `minor units have the digits of the currency`(
        _ number: String, _ code: String, _ expected: String
    ) throws {
        #expect(try money(number, .minor, code) == expected)
    }

    @Test(arguments: [
        ("500", "EUR", "500.00 EUR"), ("500.5", "EUR", "500.50 EUR"),
        ("500.50", "EUR", "500.50 EUR"), ("0.1", "EUR", "0.10 EUR"), ("1e-2", "EUR", "0.01 EUR"),
        ("-12.25", "USD", "-12.25 USD"), ("1234.567", "KWD", "1_234.567 KWD"),
        ("-0.0", "EUR", "0.00 EUR"), ("1000", "JPY", "1_000 JPY"),
    ]) func `major units have at most the digits of the currency`(
        _ number: String, _ code: String, _ expected: String
    ) throws {
        #expect(try money(number, .major, code) == expected)
    }

    @Test(
        arguments: [
            ("0.5", .fraction), ("50000.000001", .fraction), ("9007199254740992", .outOfRange),
            ("-9007199254740992", .outOfRange), ("123456789012345678901234567890", .outOfRange),
            ("1e300", .outOfRange), ("\"500\"", .notNumber), ("null", .notNumber),
            ("true", .notNumber), ("[500]", .notNumber), ("{\"n\":500}", .notNumber),
        ] as [(String, AmountError)])
    func `a value that does not fit has a reason`(_ number: String, _ expected: AmountError) {
        #expect(throws: expected) { try money(number, .minor, "EUR") }
    }

    @Test func `no digit is dropped and none is guessed`() throws {
        let euro = try #require(Currency(code: "EUR"))
        let yen = try #require(Currency(code: "JPY"))
        #expect(throws: AmountError.tooManyDigits(euro)) { try money("0.001", .major, "EUR") }
        #expect(throws: AmountError.tooManyDigits(yen)) { try money("1.5", .major, "JPY") }
        #expect(
            throws: AmountError.noCurrency(try #require(ArgumentPath("args.currency")))
        ) { try money("1", .minor, "XAU") }
    }

    @Test(arguments: [
        ("0", "bytes", "0 bytes"), ("1", "bytes", "1 byte"), ("1023", "bytes", "1_023 bytes"),
        ("1024", "bytes", "1 KiB"), ("1536", "bytes", "1.5 KiB"), ("1025", "bytes", "1_025 bytes"),
        ("-65536", "bytes", "-64 KiB"), ("5368709120", "bytes", "5 GiB"),
        ("9007199254740991", "bytes", "9_007_199_254_740_991 bytes"),
        ("0", "seconds", "0 s"), ("61", "seconds", "1 min 1 s"), ("3600", "seconds", "1 h"),
        ("7080", "seconds", "1 h 58 min"), ("90000", "seconds", "1 d 1 h"),
        ("1.5", "seconds", "1.5 s"), ("-61", "seconds", "-1 min 1 s"),
        ("86400000000", "seconds", "1_000_000 d"),
        ("0", "milliseconds", "0 ms"), ("420", "milliseconds", "420 ms"),
        ("3200", "milliseconds", "3.2 s"), ("61001", "milliseconds", "1 min 1.001 s"),
        ("-999", "milliseconds", "-999 ms"),
        ("12.5", "percent", "12.5 %"), ("-3", "percent", "-3 %"), ("1234", "percent", "1_234 %"),
        ("0.12345678901234568", "percent", "0.12345678901234568 %"),
        ("1e-7", "percent", "0.0000001 %"),
        ("0", "unix_s", "1970-01-01 00:00:00 UTC"),
        ("1795168800", "unix_s", "2026-11-20 10:00:00 UTC"),
        ("-1", "unix_s", "1969-12-31 23:59:59 UTC"),
        ("1795168800000", "unix_ms", "2026-11-20 10:00:00 UTC"),
        ("1795168800250", "unix_ms", "2026-11-20 10:00:00.250 UTC"),
        ("253402300799", "unix_s", "9999-12-31 23:59:59 UTC"),
    ]) func `a measure is said in full`(
        _ number: String, _ measure: String, _ expected: String
    ) throws {
        let kind = try #require(ArgumentUnit.Measure(rawValue: measure))
        #expect(try text(number, .measure(kind)) == expected)
    }

    @Test(
        arguments: [
            ("0.5", "bytes", .fraction), ("0.5", "milliseconds", .fraction),
            ("0.5", "unix_s", .fraction), ("1.5", "unix_ms", .fraction),
            ("253402300800", "unix_s", .noDate), ("-62135596801", "unix_s", .noDate),
            ("253402300800000", "unix_ms", .noDate), ("9007199254740992", "percent", .outOfRange),
        ] as [(String, String, AmountError)])
    func `a measure that does not fit has a reason`(
        _ number: String, _ measure: String, _ expected: AmountError
    ) throws {
        let kind = try #require(ArgumentUnit.Measure(rawValue: measure))
        #expect(throws: expected) { try text(number, .measure(kind)) }
    }

    @Test func `a count has the name of what is counted`() throws {
        #expect(try text("1200", .count(of: "seats")) == "1_200 seats")
        #expect(try text("-1", .count(of: "seats")) == "-1 seats")
        #expect(throws: AmountError.fraction) { try text("0.5", .count(of: "seats")) }
    }

    @Test(arguments: [
        "eur", "EU", "EURO", "", "XAU", "XTS", "ZWL", "BGN", "NO\u{212a}", "EUR ", "\u{ff25}UR",
    ]) func `what is no active code of ISO 4217 is no currency`(_ code: String) {
        #expect(Currency(code: code) == nil)
    }

    @Test func `every fraction of two digits is exact`() throws {
        // A double of 0.29 times 100 is 28.999999999999996.
        for cents in 0..<2_000 {
            let written = "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
            #expect(try money(written, .major, "EUR") == written + " EUR")
            #expect(try money("\(cents)", .minor, "EUR") == written + " EUR")
        }
    }
}
