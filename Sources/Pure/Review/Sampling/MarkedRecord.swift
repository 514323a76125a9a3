package import InterlockLedger
package import InterlockModel

/// The judgement of a reviewer on one record of a sample.
package struct MarkedRecord: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case ok
        case finding(FindingSeverity)
        case unclear
        /// The payload was erased, so the next record takes its place.
        case erased

        /// `ok`, `finding`, `unclear` or `erased`.
        package var word: String {
            switch self {
            case .ok: "ok"
            case .finding: "finding"
            case .unclear: "unclear"
            case .erased: "erased"
            }
        }

        package var isFinding: Bool {
            if case .finding = self { true } else { false }
        }
    }

    package let leaf: Digest
    package let judgement: Outcome
    package let by: Pseudonym
    /// The commitment to the note; nil without one.
    package let note: Commitment?
    package let opened: Timestamp
    package let marked: Timestamp

    /// - Returns: nil if it was marked before it was opened.
    package init?(
        leaf: Digest, _ judgement: Outcome, by: Pseudonym, note: Commitment? = nil,
        opened: Timestamp, marked: Timestamp
    ) {
        guard opened <= marked else { return nil }
        self.leaf = leaf
        self.judgement = judgement
        self.by = by
        self.note = note
        self.opened = opened
        self.marked = marked
    }

    /// The time between opening and marking.
    package var dwell: Duration { marked - opened }
}

/// The gravity of a finding: 1 is the worst.
package enum FindingSeverity: Int, Sendable, Hashable, Comparable, CaseIterable {
    case severe = 1
    case serious = 2
    case minor = 3

    /// Graver is less.
    package static func < (a: FindingSeverity, b: FindingSeverity) -> Bool {
        a.rawValue < b.rawValue
    }
}
