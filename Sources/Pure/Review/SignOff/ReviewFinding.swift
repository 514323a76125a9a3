package import InterlockModel

/// A finding of a review, with the person who mends it.
package struct ReviewFinding: Sendable, Hashable {
    /// The number of the finding in its review, from 1.
    package let number: Int
    package let severity: FindingSeverity
    /// 1 to 1,000 bytes.
    package let text: String
    package let owner: Person
    package let due: Timestamp
    /// The record of the sample that it is about; nil if it is about another part.
    package let leaf: Digest?
    /// The question that it answers with `not in order`; nil if it is about another part.
    package let control: ReviewControl?

    package static let textBytes = 1...1_000

    /// - Returns: nil if the number or the length of the text is out of range.
    package init?(
        number: Int, _ severity: FindingSeverity, _ text: String, owner: Person, due: Timestamp,
        leaf: Digest? = nil, control: ReviewControl? = nil
    ) {
        guard number >= 1, number <= ReviewSignOff.mostFindings,
            Self.textBytes.contains(text.utf8.count)
        else { return nil }
        self.number = number
        self.severity = severity
        self.text = text
        self.owner = owner
        self.due = due.wholeSecond
        self.leaf = leaf
        self.control = control
    }
}
