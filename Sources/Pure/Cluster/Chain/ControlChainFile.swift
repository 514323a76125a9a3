package import InterlockModel

/// The file `control.chain`: the entries of the control chain, the first one first, each as a line (`StoredEntry.line`)
/// with its line feed. It proves nothing by itself: `ChainState` verifies the entries.
package enum ControlChainFile {
    /// The largest file that is read, in bytes.
    package static let maximumBytes = 1 << 30
    private static let lineFeed = UInt8(ascii: "\n")

    /// Returns the line of an entry, with its line feed.
    ///
    /// - Throws: `missingMember` if the entry has no digest or link.
    package static func line(_ entry: StoredEntry) throws(FormError) -> [UInt8] {
        try entry.line() + [lineFeed]
    }

    /// Reads the lines. Nothing is verified, and numbers need not follow each other.
    ///
    /// - Throws: the fault of the first line that is not in the only spelling, with its number in the path.
    package static func entries(parsing bytes: [UInt8]) throws(FormError) -> [StoredEntry] {
        var entries: [StoredEntry] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: lineFeed) {
            entries.append(
                try StoredEntry(line: Array(rest[..<end]), at: "line \(entries.count + 1)"))
            rest = rest[(end + 1)...]
        }
        guard rest.isEmpty else { throw .badMember("line \(entries.count + 1)", "a whole line") }
        return entries
    }
}
