/// A value that was found in a file, by its rule and its place; never the value.
package struct SecretFinding: Hashable, Sendable {
    package let rule: RuleID
    package let secretClass: SecretClass
    package let strength: FindingStrength
    /// The offset of its first byte.
    package let offset: Int64
    /// The number of its bytes.
    package let length: Int
    /// The number of its first line; the first of a file is 1.
    package let line: Int
    /// The canary that was found; nil for another finding.
    package let planted: PlantedValueName?
    /// False for a value of the broker that other text may have by chance.
    package let isDistinct: Bool

    package init(
        rule: RuleID, secretClass: SecretClass, strength: FindingStrength, offset: Int64,
        length: Int, line: Int, planted: PlantedValueName? = nil, isDistinct: Bool = true
    ) {
        (self.rule, self.secretClass, self.strength) = (rule, secretClass, strength)
        (self.offset, self.length, self.line) = (offset, length, line)
        (self.planted, self.isDistinct) = (planted, isDistinct)
    }
}

extension SecretFinding {
    /// True for the number of a card, an account or a person, which a policy can accept.
    package var isOfNumber: Bool { SecretClassSet.numbers.contains(secretClass) }
}

extension [SecretFinding] {
    /// The findings without cards that are digits of an account: an account in groups has a card's number by chance in
    /// one of 33 cases.
    ///
    /// - Parameter text: the text of these findings, which are in the order of their offsets.
    package func withoutCardsInAccounts(of text: Span<UInt8>) -> [SecretFinding] {
        var accounts = 0
        var left: [SecretFinding] = []
        for finding in self {
            // The number may be behind the word by which it is known.
            if finding.secretClass == .card, accounts > 0,
                case .part(let range) = SecretExtent(of: finding, in: text),
                range.upperBound <= accounts
            {
                continue
            }
            if finding.secretClass == .iban,
                case .part(let range) = SecretExtent(of: finding, in: text)
            {
                accounts = Swift.max(accounts, range.upperBound)
            }
            left.append(finding)
        }
        return left
    }

    /// The finding that counts if all count as one: a canary, then a value of the broker that stops a run, if the first
    /// one is of the broker, then the first.
    package var foremost: SecretFinding? {
        if let canary = first(where: { $0.planted != nil }) { return canary }
        guard let first, !first.isDistinct else { return first }
        return self.first { $0.secretClass == .brokered && $0.isDistinct } ?? first
    }
}

/// The findings in one text, in the order of their offsets.
package struct SecretFindings: Hashable, Sendable {
    /// The most findings that are kept of one text (docs/specs/output-safety.md, section 3).
    package static let mostKept = 16

    /// The first findings; canaries come before others, those that block before those that do not, those that no policy
    /// lowers before numbers of people, and those that no text has by chance before values of the broker that some have.
    package private(set) var kept: [SecretFinding] = []
    /// The numbers of all findings, kept or not.
    package private(set) var blocking = 0
    package private(set) var marked = 0
    /// The numbers of findings that only mark, kept or not, by class.
    package private(set) var marks: [SecretClass: Int] = [:]
    /// The classes of all findings that block, kept or not.
    package private(set) var blocked: SecretClassSet = []

    private let most: Int

    /// - Parameter most: the most findings that are kept.
    package init(keeping most: Int = SecretFindings.mostKept) { self.most = most }

    package var isEmpty: Bool { blocking == 0 && marked == 0 }

    package mutating func add(_ finding: SecretFinding) {
        switch finding.strength {
        case .block:
            blocking += 1
            blocked.formUnion(SecretClassSet(finding.secretClass))
        case .mark:
            marked += 1
            marks[finding.secretClass, default: 0] += 1
        }
        if kept.count < most {
            kept.append(finding)
        } else if finding.planted != nil, let last = kept.lastIndex(where: { $0.planted == nil }) {
            kept[last] = finding
        } else if finding.strength == .block,
            let last = kept.lastIndex(where: { $0.strength == .mark })
                ?? (finding.isDistinct ? kept.lastIndex(where: { !$0.isDistinct }) : nil)
                ?? (finding.isOfNumber ? nil : kept.lastIndex(where: \.isOfNumber))
        {
            kept[last] = finding
        }
    }

    /// The findings sorted by offset, then by rule.
    package var sorted: [SecretFinding] {
        kept.sorted { ($0.offset, $0.rule) < ($1.offset, $1.rule) }
    }
}
