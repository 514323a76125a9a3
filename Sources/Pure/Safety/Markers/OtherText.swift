/// The text in bytes that are not UTF-8, as a client may show it: ASCII in Latin-1 and its relatives, in UTF-16, or between
/// other bytes. Pictures and sounds have little of it.
enum OtherText {
    /// Shorter stretches are what any bytes have.
    static let shortestStretch = 4

    /// Returns the stretches of ASCII, each of other bytes between two of them as one `\u{fffd}`; or all of the text if it
    /// begins with a mark of UTF-16.
    static func text(of bytes: [UInt8]) -> String {
        if let text = utf16(bytes) { return text }
        var text: [UInt8] = []
        var stretch: [UInt8] = []
        func take() {
            guard stretch.count >= shortestStretch else { return }
            if !text.isEmpty { text += Array("\u{fffd}".utf8) }
            text += stretch
        }
        // The zeros of UTF-16 without a mark, or of UTF-32, separate nothing.
        for byte in bytes where byte != 0 {
            switch byte {
            case 0x20...0x7e, 0x09, 0x0a, 0x0d: stretch.append(byte)
            default:
                take()
                stretch.removeAll(keepingCapacity: true)
            }
        }
        take()
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns nil if the bytes do not begin with a mark of UTF-16.
    private static func utf16(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 1 else { return nil }
        let isLittle = bytes[0] == 0xff && bytes[1] == 0xfe
        guard isLittle || bytes[0] == 0xfe && bytes[1] == 0xff else { return nil }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
            let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(decoding: units, as: UTF16.self)
    }
}
