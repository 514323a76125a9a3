package import InterlockJSON
package import InterlockModel

/// The kind of a value that is looked for (docs/specs/output-safety.md, section 4).
package enum SecretClass: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The beginning of a private key.
    case privateKey = "private-key"
    /// A token with a distinctive prefix or a checksum.
    case token
    /// A value that the gateway's broker holds.
    case brokered
    /// A value that people planted, and that no one has a reason to use.
    case canary
    /// A password or key that only its surroundings show.
    case generic
    /// The number of a payment card.
    case card
    /// The number of a bank account (ISO 13616).
    case iban
    /// A number that a state gives to a person.
    case nationalID = "national-id"
    /// An e-mail address, a phone number, a street address or a date of birth.
    case personal
    /// Something encoded that was not decoded within the limits, so that nothing is known of it.
    case undecodable

    /// True for the classes that a file of rules may give to its rules.
    var isOfRules: Bool {
        switch self {
        case .privateKey, .token, .generic, .card, .iban, .nationalID, .personal: true
        case .brokered, .canary, .undecodable: false
        }
    }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// The consequence of a finding.
package enum FindingStrength: String, Sendable, Hashable, CaseIterable {
    /// A launch is refused, a call is denied, a result has the value replaced.
    case block
    /// The finding is recorded and shown.
    case mark
}

/// The name of a rule: 1 to 64 of `a-z`, `0-9` and `-`.
package struct RuleID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let longest = 64
    package let text: ExactText

    package init?(_ text: String) {
        let isName = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard (1...Self.longest).contains(text.utf8.count), isName else { return nil }
        self.text = ExactText(text)
    }

    package var description: String { text.text }
    package static func < (a: Self, b: Self) -> Bool { a.text < b.text }

    /// The rule of values that the broker holds, which no rule set may take.
    package static let brokered = RuleID(reserved: "brokered-value")
    /// The rule of canaries, which no rule set may take.
    package static let canary = RuleID(reserved: "canary")
    /// The name under which what was not decoded is counted.
    package static let undecodable = RuleID(reserved: "undecodable")
    private init(reserved text: ExactText) { self.text = text }
}

/// One rule: a pattern that both engines search for, and what else must hold of a match.
package struct ScanRule: Sendable, Hashable {
    package let id: RuleID
    package let secretClass: SecretClass
    package let strength: FindingStrength
    package let pattern: RulePattern
    /// The texts by which a multi-pattern search finds where the pattern may match.
    package let candidates: RuleCandidates
    /// The property that a value of this kind has by its issuer's definition, or nil.
    package let check: ValueCheck?
    /// The least entropy of a match in hundredths of a bit for each byte; 0 for any.
    package let entropy: Int
    /// Values that their issuer documents as examples; exact.
    package let allowed: [[UInt8]]
    /// The page or document from which the form is known.
    package let source: String
    package let tests: Tests

    /// Texts in which the rule finds something, and texts in which it finds nothing.
    package struct Tests: Sendable, Hashable {
        package let match: [[UInt8]]
        package let miss: [[UInt8]]
    }

    /// Returns true if bytes that match the pattern are a value of this kind.
    ///
    /// - Parameter bytes: a text with the match. If it extends behind the match, it has the longest match from its start.
    package func confirms(
        _ match: Range<Int>, in bytes: Span<UInt8>, hashing: any Hashing
    ) -> Bool {
        let value = Array(copying: bytes.extracting(match))
        guard !allowed.contains(value) else { return false }
        // The words that name a number are in its match, and not in the issuer's example.
        let start = NamedValue.start(in: bytes.extracting(match), 0..<match.count, of: secretClass)
        let named = start == 0 ? value : Array(value[start...])
        guard !isExample(named) else { return false }
        guard entropy == 0 || Entropy.hundredths(of: value) >= entropy else { return false }
        guard let check else { return true }
        guard check.readsAhead else {
            return check.holds(of: secretClass == .iban ? named : value, hashing: hashing)
        }
        let end = min(bytes.count, match.lowerBound + RulePattern.longestMatch)
        let ahead = bytes.extracting(match.lowerBound..<max(match.upperBound, end))
        if check == .cardInObject {
            guard let number = CardObject.number(in: ahead, from: 0) else { return false }
            return !isExample(Array(copying: ahead.extracting(number)))
        }
        return check.holds(of: Array(copying: ahead), hashing: hashing)
    }

    /// Returns true if the value is a documented example, in whatever groups it is written.
    private func isExample(_ value: [UInt8]) -> Bool {
        guard !allowed.isEmpty else { return false }
        switch secretClass {
        case .card:
            return allowed.contains(value)
                || allowed.contains(value.filter { (0x30...0x39).contains($0) })
        case .iban: return allowed.contains(value) || allowed.contains(AccountNumber.plain(value))
        default: return allowed.contains(value)
        }
    }
}

extension Array {
    /// The elements of a span.
    init(copying span: Span<Element>) {
        self = []
        reserveCapacity(span.count)
        for index in span.indices { append(span[index]) }
    }
}
