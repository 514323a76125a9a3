/// The name of an object of a Git repository: 40 lower-case hexadecimal digits, or 64 where the repository uses SHA-256.
package struct GitObjectID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        let isHexadecimal = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard [40, 64].contains(text.utf8.count), isHexadecimal else { return nil }
        self.text = String(text)
    }

    /// True for the name by which the output of Git says that there is no object in the output of Git.
    package var isZero: Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "0") } }
    package var description: String { text }
    /// The first 12 digits, for people.
    package var short: String { String(text.prefix(12)) }
}
