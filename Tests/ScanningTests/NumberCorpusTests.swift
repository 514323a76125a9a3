import InterlockCredentials
import InterlockModel
import InterlockSafety
import InterlockScanning
import InterlockTesting
import Testing

/// Precision and recall of the rules for numbers over a labelled corpus. Its values are made by the published check digits
/// with arithmetic of its own, and its near misses are the same values with another digit, and identifiers of other kinds
/// (docs/specs/output-safety.md, sections 9 and 10).
@Suite(.requirement("R082", "R137")) struct NumberCorpusTests {
    /// Names and values of JSON, or one line of prose, with the class of the number in them; nil for none.
    private struct Item {
        let lines: [String]
        let label: SecretClass?
    }

    // MARK: Values

    private static func digits(_ count: Int, _ chance: inout SeededGenerator) -> [Int] {
        var digits: [Int] = []
        for _ in 0..<count { digits.append(Int.random(in: 0...9, using: &chance)) }
        return digits
    }

    private static func text(_ digits: [Int]) -> String {
        digits.map { String($0) }.joined()
    }

    /// ISO/IEC 7812-1, annex B: the digit behind others.
    private static func lastDigit(behind digits: [Int]) -> Int {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let counted = place % 2 == 0 ? 2 * digit : digit
            sum += counted / 10 + counted % 10
        }
        return (10 - sum % 10) % 10
    }

    private static let networks: [(first: [Int], count: Int)] = [
        ([4], 16), ([5, 1], 16), ([2, 2, 2, 1], 16), ([3, 7], 15), ([6, 0, 1, 1], 16),
        ([3, 5, 3, 0], 16), ([6, 2], 16), ([6, 7, 5, 9], 16), ([2, 2, 0, 2], 16), ([3, 6], 14),
    ]

    private static func card(_ chance: inout SeededGenerator) -> [Int] {
        let network = networks[Int.random(in: 0..<networks.count, using: &chance)]
        let rest = digits(network.count - network.first.count - 1, &chance)
        let begun = network.first + rest
        return begun + [lastDigit(behind: begun)]
    }

    /// ISO 13616: 98 less the remainder of the account, the country and two zeros modulo 97.
    private static func account(_ chance: inout SeededGenerator) -> String {
        let countries: [(name: String, bank: String, count: Int)] = [
            ("DE", "", 18), ("ES", "", 20), ("PL", "", 24), ("NO", "", 11), ("GB", "WEST", 14),
        ]
        let country = countries[Int.random(in: 0..<countries.count, using: &chance)]
        let rest = country.bank + text(digits(country.count, &chance))
        var remainder = 0
        for byte in (rest + country.name + "00").utf8 {
            if byte < 0x41 {
                remainder = (remainder * 10 + Int(byte) - 0x30) % 97
            } else {
                remainder = (remainder * 100 + Int(byte) - 0x41 + 10) % 97
            }
        }
        let check = 98 - remainder
        return country.name + (check < 10 ? "0" : "") + String(check) + rest
    }

    /// NHS Data Dictionary: 11 less the weighted sum modulo 11, which is never 10.
    private static func healthNumber(_ chance: inout SeededGenerator) -> [Int] {
        while true {
            let begun = digits(9, &chance)
            var sum = 0
            for (place, digit) in begun.enumerated() { sum += (10 - place) * digit }
            let check = 11 - sum % 11
            if check != 10, Set(begun).count > 1 { return begun + [check == 11 ? 0 : check] }
        }
    }

    private static func socialNumber(_ chance: inout SeededGenerator) -> [Int] {
        let area = Int.random(in: 100...665, using: &chance)
        let group = Int.random(in: 10...99, using: &chance)
        let serial = Int.random(in: 1000...9999, using: &chance)
        var number = [area / 100, area / 10 % 10, area % 10]
        number += [group / 10, group % 10]
        number += [serial / 1000, serial / 100 % 10, serial / 10 % 10, serial % 10]
        return number
    }

    // MARK: Forms

    private static func grouped(
        _ value: String, by sizes: [Int], _ chance: inout SeededGenerator
    ) -> String {
        let separator = [" ", "-", ".", ""].randomElement(using: &chance) ?? ""
        var rest = Substring(value)
        var parts: [String] = []
        for size in sizes {
            parts.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        if !rest.isEmpty { parts.append(String(rest)) }
        return parts.filter { !$0.isEmpty }.joined(separator: separator)
    }

    private static func written(
        _ value: String, under names: [String], _ chance: inout SeededGenerator
    ) -> [String] {
        let name = names.randomElement(using: &chance) ?? ""
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: return ["id", "17", name, value, "state", "open"]
        case 1: return ["\(name): \(value), please"]
        default: return ["\(name) = \(value)"]
        }
    }

    private static let cardNames = [
        "card_number", "cardNumber", "creditCard", "Kreditkarte", "numero_tarjeta", "payment_card",
        "card no.", "Visa",
    ]
    private static let healthNames = ["nhsNumber", "patient_nhs_no", "NHS number"]
    private static let socialNames = [
        "ssn", "customer_ssn", "customerSSN", "social_security_number", "Social Security",
    ]
    private static let accountNames = ["iban", "payee", "to", "customerIban", "account"]

    private static func next(_ chance: inout SeededGenerator) -> Item {
        switch Int.random(in: 0..<4, using: &chance) {
        case 0:
            let value = text(card(&chance))
            if Int.random(in: 0..<4, using: &chance) == 0 {
                return Item(
                    lines: ["card", "holder", "Ada", "expiry", "12/27", "number", value],
                    label: .card)
            }
            let form = grouped(value, by: [4, 4, 4], &chance)
            return Item(lines: written(form, under: cardNames, &chance), label: .card)
        case 1:
            let value = account(&chance)
            let isLower = Bool.random(using: &chance)
            let form = grouped(
                isLower ? value.lowercased() : value, by: [4, 4, 4, 4, 4, 4, 4], &chance)
            return Item(lines: written(form, under: accountNames, &chance), label: .iban)
        case 2:
            let form = grouped(text(healthNumber(&chance)), by: [3, 3], &chance)
            return Item(lines: written(form, under: healthNames, &chance), label: .nationalID)
        default:
            let form = grouped(text(socialNumber(&chance)), by: [3, 2], &chance)
            return Item(lines: written(form, under: socialNames, &chance), label: .nationalID)
        }
    }

    private static func nearMiss(_ chance: inout SeededGenerator) -> Item {
        // Another last digit makes each check digit wrong.
        func changed(_ value: [Int]) -> String {
            let last = value.last ?? 0
            return text(Array(value.dropLast()) + [(last + 1) % 10])
        }
        let names = [
            "order_id", "invoice", "phone", "trace_id", "tracking", "sku", "created", "total",
        ]
        switch Int.random(in: 0..<6, using: &chance) {
        case 0:
            let form = grouped(changed(card(&chance)), by: [4, 4, 4], &chance)
            return Item(lines: written(form, under: cardNames, &chance), label: nil)
        case 1:
            let form = grouped(changed(healthNumber(&chance)), by: [3, 3], &chance)
            return Item(lines: written(form, under: healthNames, &chance), label: nil)
        case 2:
            return Item(
                lines: ["ssn", "order_id", text(digits(9, &chance)), "nhs", "phone"], label: nil)
        case 3:
            // One of 36 is a card by chance.
            return Item(lines: ["card_id", text(digits(16, &chance))], label: nil)
        default:
            let count = Int.random(in: 6...19, using: &chance)
            let value = text(digits(count, &chance))
            return Item(lines: written(value, under: names, &chance), label: nil)
        }
    }

    @Test func `precision is at least 0.98, and recall at least 0.95`() throws {
        var chance = SeededGenerator.announced()
        let hashing = OpenSSLHashing()
        let scanner = SecretScanner(
            try RuleSet.builtIn(for: .calls, hashing: hashing),
            values: BrokeredValues(key: (1, 2)), hashing: hashing)
        let count = 2000
        var found = 0
        var wrong = 0
        var missed: [String] = []
        for index in 0..<2 * count {
            let item = index < count ? Self.next(&chance) : Self.nearMiss(&chance)
            let text = Array((item.lines.joined(separator: "\n") + "\n").utf8)
            scanner.begin()
            try scanner.take(text.span)
            let classes = try scanner.finish().blocked.intersection(.numbers).classes
            for secretClass in classes {
                if secretClass == item.label { found += 1 } else { wrong += 1 }
            }
            if let label = item.label, !classes.contains(label) {
                missed.append(item.lines.joined(separator: "|"))
            }
        }
        let precision = Double(found) / Double(max(1, found + wrong))
        let recall = Double(found) / Double(count)
        #expect(precision >= 0.98, "\(wrong) of \(found + wrong) are none")
        #expect(recall >= 0.95, "\(missed.prefix(20))")
    }
}
