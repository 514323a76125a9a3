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
    package func matches(_ name: ArraySlice<UInt8>) -> Bool {
        let star = UInt8(ascii: "*")
        var (position, place) = (0, name.startIndex)
        // The last `*` and the first byte that it does not cover yet.
        var retry: (position: Int, place: Int)?
        while place < name.endIndex {
            if position < bytes.count, bytes[position] == star {
                retry = (position, place)
                position += 1
            } else if position < bytes.count, isMatch(bytes[position], name[place]) {
                position += 1
                place += 1
            } else if let last = retry {
                retry = (last.position, last.place + 1)
                (position, place) = (last.position + 1, last.place + 1)
            } else {
                return false
            }
        }
        return bytes[position...].allSatisfy { $0 == star }
    }

    private func isMatch(_ pattern: UInt8, _ byte: UInt8) -> Bool {
        pattern == UInt8(ascii: "?") || pattern == lowercased(byte)
    }
}

/// Returns the byte with an ASCII letter in lower case.
func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
