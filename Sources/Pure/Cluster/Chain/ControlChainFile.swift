import InterlockJSON
package import InterlockModel

/// The file `control.chain`: the entries of the control chain, the first one first, each as one line of the form in which
/// nodes send entries to each other, in RFC 8785 form. It proves nothing by itself: `ChainState` verifies the entries.
package enum ControlChainFile {
    /// The largest file that is read, in bytes.
    package static let maximumBytes = 1 << 30
    private static let lineFeed = UInt8(ascii: "\n")

    /// Returns the line of an entry, with its line feed.
    ///
    /// - Throws: `missingMember` if the entry has no digest or link.
    package static func line(_ entry: StoredEntry) throws(FormError) -> [UInt8] {
        guard let json = entry.peerJSON else { throw .missingMember("digest") }
        do { return try json.canonical() + [lineFeed] } catch { throw .json(error) }
    }

    /// Reads the lines. Nothing is verified, and numbers need not follow each other.
    ///
    /// - Throws: the fault of the first line that is not in the only spelling, with its number in the path.
    package static func entries(parsing bytes: [UInt8]) throws(FormError) -> [StoredEntry] {
        var entries: [StoredEntry] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: lineFeed) {
            entries.append(try entry(Array(rest[..<end]), at: "line \(entries.count + 1)"))
            rest = rest[(end + 1)...]
        }
        guard rest.isEmpty else { throw .badMember("line \(entries.count + 1)", "a whole line") }
        return entries
    }

    private static func entry(_ line: [UInt8], at path: String) throws(FormError) -> StoredEntry {
        let body = EntryLimits.genesisBody
        let value: JSONValue
        do throws(FormError) {
            // The body is base64; the other members are short.
            value = try StrictFields.canonicalValue(line, limit: body / 3 * 4 + 2048)
        } catch { throw .badMember(path, "an entry in RFC 8785 form") }
        return try StoredEntry(peer: value, at: path, bodyLimit: body, from: 0)
    }
}
