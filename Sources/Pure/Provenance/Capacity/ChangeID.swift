package import InterlockJSON
import InterlockModel

/// The name of a change on its platform: the repository, and the number of the change there.
package struct ChangeID: Hashable, Comparable, Sendable {
    package let repository: ExactText
    package let number: ExactText

    private static let longestRepository = 200
    private static let longestNumber = 64

    /// - Returns: nil unless both are printable ASCII without spaces, of at most 200 and 64 characters.
    package init?(repository: String, number: String) {
        guard Self.isName(repository, Self.longestRepository),
            Self.isName(number, Self.longestNumber)
        else { return nil }
        self.repository = ExactText(repository)
        self.number = ExactText(number)
    }

    init(_ fields: StrictFields) throws(FormError) {
        let repository = try fields.made("repository", "1 to 200 printable characters") { text in
            Self.isName(text, Self.longestRepository) ? ExactText(text) : nil
        }
        let number = try fields.made("number", "1 to 64 printable characters") { text in
            Self.isName(text, Self.longestNumber) ? ExactText(text) : nil
        }
        self.repository = repository
        self.number = number
    }

    private static func isName(_ text: String, _ longest: Int) -> Bool {
        (1...longest).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21..<0x7f).contains($0) }
    }

    package static func < (a: ChangeID, b: ChangeID) -> Bool {
        (a.repository, a.number) < (b.repository, b.number)
    }
}

/// A number of changes, and the lines that they add and remove.
package struct ChangeAmount: Hashable, Sendable {
    package var changes: Int
    package var lines: Int

    package static let none = ChangeAmount(changes: 0, lines: 0)

    package init(changes: Int, lines: Int) {
        self.changes = changes
        self.lines = lines
    }

    mutating func add(_ change: ReviewedChange) {
        changes += 1
        lines += change.lines
    }
}
