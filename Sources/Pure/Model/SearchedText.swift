import InterlockJSON

/// A text that people look for in names and descriptions. It is found anywhere in them; ASCII letters of either case
/// are the same.
package struct SearchedText: Sendable, Hashable {
    private let typed: ExactText
    private let bytes: [UInt8]

    package init(_ text: String) {
        typed = ExactText(text)
        bytes = text.utf8.map(lowercased)
    }

    /// The text as it was typed.
    package var text: String { typed.text }

    package var isEmpty: Bool { bytes.isEmpty }

    /// Returns true if the text occurs in `other`. Compares bytes, because comparing characters takes a hundred times
    /// as long.
    package func isIn(_ other: String) -> Bool {
        guard let first = bytes.first else { return true }
        let whole = other.utf8.span
        guard bytes.count <= whole.count else { return false }
        for start in 0...(whole.count - bytes.count)
        where lowercased(whole[start]) == first && isIn(whole, at: start) { return true }
        return false
    }

    /// Returns true if `other` begins with the text.
    package func begins(_ other: String) -> Bool {
        let whole = other.utf8.span
        return bytes.count <= whole.count && isIn(whole, at: 0)
    }

    private func isIn(_ whole: borrowing Span<UInt8>, at start: Int) -> Bool {
        for place in bytes.indices where lowercased(whole[start + place]) != bytes[place] {
            return false
        }
        return true
    }
}
