/// A channel's name in the configuration: 1 to 32 of `a-z`, `0-9`, `-`, beginning with a letter.
package struct ChannelName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String
    package var description: String { text }

    package init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.utf8.first.map(Self.isLetter) == true,
            text.utf8.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
        else { return nil }
        self.text = text
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }

    package static func < (a: ChannelName, b: ChannelName) -> Bool { a.text < b.text }
}
