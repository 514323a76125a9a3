import InterlockJSON
package import InterlockModel

/// Entries in the copy of a node and in `control.chain`: one line each, in the form that messages of nodes have, without
/// the line feed.
extension StoredEntry {
    /// The longest line, in bytes: the body is base64; the other members are short.
    package static let longestLine = EntryLimits.genesisBody / 3 * 4 + 2048

    /// Returns the line in RFC 8785 form.
    ///
    /// - Throws: `missingMember` if the entry has no digest or link, which none has that was verified.
    package func line() throws(FormError) -> [UInt8] {
        guard let json = peerJSON else { throw .missingMember("digest") }
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// - Parameter path: the beginning of the paths in errors.
    package init(line: [UInt8], at path: String = "entry") throws(FormError) {
        let json: JSONValue
        do throws(FormError) {
            json = try StrictFields.canonicalValue(line, limit: Self.longestLine)
        } catch { throw .badMember(path, "an entry in RFC 8785 form") }
        try self.init(peer: json, at: path, bodyLimit: EntryLimits.genesisBody, from: 0)
    }
}
