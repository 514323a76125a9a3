extension String {
    /// A leaf's strings are at most 128 bytes; what is longer is cut there, and a payload has the whole.
    package var leafText: String {
        guard utf8.count > 128 else { return self }
        return String(decoding: Array(utf8.prefix(125)), as: UTF8.self).filter { $0 != "\u{FFFD}" }
            + "..."
    }
}
