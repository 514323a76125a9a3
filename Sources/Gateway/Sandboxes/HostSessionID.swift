/// The id that a supervisor gives to the session of a coding agent before it starts: a UUID of version 4, in lower case.
/// It is an argument of the program later, and cannot be taken for an option.
package struct HostSessionID: Sendable, Hashable {
    package let text: String

    /// - Parameter random: at least 16 bytes.
    package init(random: [UInt8]) {
        precondition(random.count >= 16, "a UUID has 16 bytes")
        var bytes = Array(random.prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += String(UInt16(byte) + 256, radix: 16).dropFirst()
        }
        self.text = text
    }

    /// Returns nil for any other text.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")),
                (23, UInt8(ascii: "-")):
                continue
            case (8, _), (13, _), (18, _), (23, _): return nil
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")),
                (_, UInt8(ascii: "a")...UInt8(ascii: "f")):
                continue
            default: return nil
            }
        }
        guard bytes[14] == UInt8(ascii: "4"), "89ab".utf8.contains(bytes[19]) else { return nil }
        self.text = text
    }
}
