extension String {
    /// The text cut to at most 128 bytes, the limit of a leaf's strings. The payload contains the whole text.
    package var leafText: String {
        guard utf8.count > 128 else { return self }
        return String(decoding: Array(utf8.prefix(125)), as: UTF8.self).filter { $0 != "\u{FFFD}" }
            + "..."
    }
}
