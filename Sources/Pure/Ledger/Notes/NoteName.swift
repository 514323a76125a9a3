/// Names of keys, as they stand in notes and in verifier keys.
package enum NoteName {
    /// Long enough for any origin, short enough that a verifier key fits a leaf's field (128 bytes).
    package static let maximumBytes = 64

    /// A name has no space, no plus and no control character.
    package static func isName(_ name: String) -> Bool {
        (1...maximumBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+") }
    }
}
