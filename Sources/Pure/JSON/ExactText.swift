/// Whether two strings have the same bytes. `==` on String says yes to canonically equivalent text
/// (`é` in one scalar or two), which JSON keeps apart.
package func sameBytes(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    let left = a.utf8.span
    let right = b.utf8.span
    for index in left.indices where left[index] != right[index] { return false }
    return true
}

/// A string that equals only the same bytes.
package struct ExactText: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }

    package static func == (a: ExactText, b: ExactText) -> Bool { sameBytes(a.text, b.text) }

    package func hash(into hasher: inout Hasher) {
        // Equal bytes are equal strings, so the string's own hash will do.
        hasher.combine(text)
    }
}
