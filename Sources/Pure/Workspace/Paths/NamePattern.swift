import InterlockModel

/// A pattern for one name of a path: `*` is any run of bytes, `?` is one byte, all else is itself. ASCII letters match
/// in either case: a file system or another system may not distinguish them.
package struct NamePattern: Hashable, Sendable {
    package static let longest = WorkspacePath.longestName

    /// The pattern as it was written.
    package let text: String
    private let bytes: [UInt8]

    /// Characters that mean more in the patterns of a shell, and would mean themselves here.
    private static let refused = Array("[]\\{}".utf8)

    /// - Returns: nil if no name can be meant: the pattern is empty, too long, `.` or `..`, contains `/` or NUL, or a
    ///   character of a shell's pattern that is not supported.
    package init?(_ text: String) {
        let bytes = text.utf8.map(lowercased)
        guard WorkspacePath.isName(bytes), !bytes.contains(where: Self.refused.contains) else {
            return nil
        }
        self.text = text
        self.bytes = bytes
    }

    /// Takes at most the product of both lengths in steps.
    package func matches(_ name: ArraySlice<UInt8>) -> Bool { matchesWildcards(bytes, name) }
}
