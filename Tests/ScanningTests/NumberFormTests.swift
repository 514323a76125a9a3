import InterlockCredentials
import InterlockModel
import InterlockSafety
import InterlockScanning
import InterlockTesting
import Synchronization
import Testing

/// The forms in which numbers of cards, accounts and people are written, and what looks like them
/// (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct NumberFormTests {
    private static let hashing = OpenSSLHashing()
    private static let rules = Result { try RuleSet.builtIn(for: .calls, hashing: hashing) }
    /// Made once: its engines take a quarter of a second.
    private static let scanner = Mutex<SecretScanner?>(nil)

    /// The classes of the numbers in names and values of JSON, each on a line of its own.
    private static func classes(of lines: String...) throws -> SecretClassSet {
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        return try scanner.withLock { made in
            let scanner =
                try made
                ?? SecretScanner(
                    rules.get(), values: BrokeredValues(key: (1, 2)), hashing: hashing)
            made = scanner
            scanner.begin()
            try scanner.take(text.span)
            return try scanner.finish().blocked.intersection(.numbers)
        }
    }

    private static let card = "4539788403885421"

    @Test(
        arguments: [
            "customer_ssn", "customerSSN", "social_security_number", "socialSecurityNumber",
            "SSN:", "Social Security No.", "ssn-value",
        ])
    func `a number of a person is known by its word anywhere in a name`(name: String) throws {
        for value in ["219-09-9999", "219.09.9999", "219 09 9999", "219099999"] {
            #expect(
                try Self.classes(of: name, value) == SecretClassSet(.nationalID), "\(name) \(value)"
            )
            #expect(try Self.classes(of: "\(name) \(value)") == SecretClassSet(.nationalID))
        }
    }

    @Test(
        arguments: [
            ("nhsNumber", "9434765919"), ("patient_nhs_number", "943 476 5919"),
            ("ahvNumber", "7569217076985"), ("AHV-Nr.", "7569217076985"),
            ("numeroAVS", "756 9217 0769 85"), ("employeeSin", "130692544"),
            ("cliente_nif", "12.345.678-Z"), ("employeeNino", "AB-12-34-56-C"),
            ("klant_bsn", "1112.22.333"), ("customerPan", "ABCPE1234F"),
            ("taxId", "47.036.892.816"), ("numero_nir", "2.55.08.14.168.025.38"),
            ("cpfNumber", "111 444 777 35"), ("worker_fin", "S1234567D"),
        ])
    func `numbers of other states are, too`(name: String, value: String) throws {
        #expect(try Self.classes(of: name, value) == SecretClassSet(.nationalID))
    }

    @Test(
        arguments: [
            "pan", "cc", "ccNum", "cardNumber", "Kreditkarte", "carte bancaire", "numero_tarjeta",
            "primary_account", "Maestro", "creditcard => ", "card (debit) | ",
        ])
    func `a card is known by its word, in any groups`(name: String) throws {
        for value in [Self.card, "4539-7884-0388-5421", "453978 84038 85421"] {
            #expect(try Self.classes(of: name, value) == SecretClassSet(.card), "\(name) \(value)")
        }
    }

    @Test func `a card is found at any place of an object that says so`() throws {
        let card = SecretClassSet(.card)
        #expect(
            try Self.classes(of: "card", "holder", "Ada", "expiry", "12/27", "number", Self.card)
                == card)
        #expect(
            try Self.classes(of: "payment_card", "details", "raw", "value", Self.card) == card)
        #expect(try Self.classes(of: "number", Self.card, "exp_month", "12", "cvc", "123") == card)
        #expect(try Self.classes(of: "method", "type", "visa", "number", Self.card) == card)
        // Numbers of something else, in the same places.
        #expect(try Self.classes(of: "card", "title", "Ship", "order_number", Self.card).isEmpty)
        #expect(try Self.classes(of: "number", Self.card, "state", "open").isEmpty)
    }

    @Test(
        arguments: [
            "DE44500105175407324931", "de44500105175407324931",
            "DE44-5001-0517-5407-3249-31", "de44.5001.0517.5407.3249.31",
            "nl61 ingb 0417 1643 00",
        ])
    func `an account is found in each case and with each separator`(value: String) throws {
        let iban = SecretClassSet(.iban)
        #expect(try Self.classes(of: "to", value) == iban)
        #expect(try Self.classes(of: "IBAN: \(value) please") == iban)
    }

    @Test func `letters of an account in lower case need the word`() throws {
        let value = "mt84malt011000012345mtlcast001s"
        #expect(try Self.classes(of: "iban", value) == SecretClassSet(.iban))
        #expect(try Self.classes(of: "id", value).isEmpty)
    }

    /// None of these is a number of a card, an account or a person; each is next to a word or a name as results have them.
    @Test(
        arguments: [
            ["ssn", "order_id", "219099999"], ["className", "219099999"],
            ["sin(1.30692544)"], ["business 130692544"], ["since", "130692544"],
            ["card", "created", "2026-11-30 12:30:45"], ["card on 2026-11-30 12 30 45 12"],
            ["card_hash", "ab4539788403885421"], ["pancake", "4539788403885421"],
            ["account", "4539788403885421"], ["phone", "+49 30 12345678"],
            ["gps", "4539.7884 2388.5421"], ["uuid", "de893704-0044-4532-9130-001234567890"],
            ["key", "GB12-CD34-EF56-GH78-IJ90-KL"], ["ean", "7569217076985"],
            ["nhs", "phone", "9434765919"], ["card_number", "4111111111111111"],
            ["card 4111-1111-1111-1111"], ["iban", "DE89370400440532013000"],
        ])
    func `what looks like a number is none`(lines: [String]) throws {
        let text = lines.joined(separator: "\n")
        #expect(try Self.classes(of: text).isEmpty, "\(text)")
    }

    /// Values as results are full of, under their usual names.
    @Test func `ordinary identifiers, times and amounts are none`() throws {
        var chance = SeededGenerator.announced()
        func digits(_ count: Int) -> String {
            String((0..<count).map { _ in "0123456789".randomElement(using: &chance) ?? "0" })
        }
        func hexadecimal(_ count: Int) -> String {
            String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &chance) ?? "0" })
        }
        var lines: [String] = []
        for _ in 0..<2000 {
            lines += [
                "order_id", digits(16), "invoice", digits(12), "timestamp", "1764" + digits(9),
            ]
            lines += ["sha", hexadecimal(40), "trace", hexadecimal(32), "span", hexadecimal(16)]
            lines += [
                "phone", "+49 " + digits(3) + " " + digits(7), "total", digits(4) + "." + digits(9),
            ]
            lines += [
                "uuid",
                [8, 4, 4, 4, 12].map { hexadecimal($0) }.joined(separator: "-"),
            ]
        }
        let text = lines.joined(separator: "\n")
        #expect(try Self.classes(of: text).isEmpty)
    }
}
