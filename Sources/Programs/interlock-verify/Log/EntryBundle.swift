/// Up to 256 entries of a log: each a 16-bit length and its bytes (C2SP tlog-tiles).
enum EntryBundle {
    static let maximumBytes = TileTree.width * (2 + Record.maximumBytes)

    /// Returns the range of each entry, or nil unless the bytes are whole entries, none of them empty.
    static func entries(_ bytes: [UInt8]) -> [Range<Int>]? {
        var cursor = ByteCursor(bytes)
        var entries: [Range<Int>] = []
        while !cursor.isAtEnd {
            guard let count = cursor.integer(2), count > 0, let range = cursor.take(Int(count))
            else {
                return nil
            }
            entries.append(range)
        }
        return entries
    }
}
