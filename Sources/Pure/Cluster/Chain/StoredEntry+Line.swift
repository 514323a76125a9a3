import InterlockJSON
package import InterlockModel

/// Entries in the copy of a node: one line each, in the form that messages of nodes have, without the line feed.
extension StoredEntry {
    /// The longest line, in bytes.
    package static let longestLine = 2 * EntryLimits.genesisBody + 4096

    /// - Returns: nil if the entry has no digest or link, which none has that was verified.
    package var line: [UInt8]? { peerJSON.flatMap { try? $0.canonical() } }

    package init(line: [UInt8]) throws(FormError) {
        let json = try StrictFields.canonicalValue(line, limit: Self.longestLine)
        try self.init(peer: json, at: "entry", bodyLimit: EntryLimits.genesisBody, from: 0)
    }
}
