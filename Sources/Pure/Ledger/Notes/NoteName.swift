/// The names of keys in notes and verifier keys.
package enum NoteName {
    /// The maximum length: long enough for any origin, short enough for a verifier key to fit a leaf's field (128
    /// bytes).
    package static let maximumBytes = 64

    /// Returns true if the text is a valid name: it has no space, plus sign or control character.
    package static func isName(_ name: String) -> Bool {
        (1...maximumBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+") }
    }
}
