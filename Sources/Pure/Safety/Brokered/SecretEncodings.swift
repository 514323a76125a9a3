import InterlockModel

/// The forms in which a registered value is recognised (docs/specs/output-safety.md, section 4, item 1): itself, base64
/// and base64url at each of three alignments, hexadecimal, percent encoding and JSON escapes as common encoders write
/// them, hexadecimal digits in both cases, and reversed.
enum SecretEncodings {
    static func all(of value: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = [value, value.reversed()]
        for alignment in 0..<3 {
            let text = base64(value, alignment)
            forms.append(text)
            forms.append(urlSafe(text))
        }
        for isUpper in [false, true] {
            forms.append(digits(value, isUpper))
            for kept in keptByPercent {
                forms.append(prefixed(value, "%", keeping: kept, isUpper))
            }
            forms.append(prefixed(value, "\\u00", keeping: [], isUpper))
            for escapes in JSONEscapes.common { forms.append(escapes.apply(to: value, isUpper)) }
        }
        return Array(Set(forms))
    }

    /// Returns base64 with the two characters of base64url (RFC 4648, section 5).
    static func urlSafe(_ text: [UInt8]) -> [UInt8] {
        text.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
    }

    /// The bytes besides letters and digits that encoders leave as they are: none; those of RFC 3986, section 2.3; those
    /// and the slash (`quote` of Python); those of `encodeURIComponent` of JavaScript.
    private static let keptByPercent: [[UInt8]] = [
        [], Array("-._~".utf8), Array("-._~/".utf8), Array("-._~!*'()".utf8),
    ]

    /// The number of characters, at each alignment, that other bytes decide, too.
    static let base64Heads = [0, 2, 3]

    /// The characters that only the value decides, if `alignment` bytes are before it.
    static func base64(_ value: [UInt8], _ alignment: Int) -> [UInt8] {
        let before = [UInt8](repeating: 0, count: alignment)
        let text = Array(Base64.encode(before + value).utf8).filter { $0 != UInt8(ascii: "=") }
        let head = base64Heads[alignment]
        // The last character also has bits of what follows, unless the value ends a group.
        let tail = (alignment + value.count) % 3 == 0 ? 0 : 1
        return Array(text.dropFirst(head).dropLast(tail))
    }

    /// Every byte that is no letter or digit, and not in `kept`, by its two digits after a prefix.
    private static func prefixed(
        _ value: [UInt8], _ prefix: String, keeping kept: [UInt8], _ isUpper: Bool
    ) -> [UInt8] {
        var text: [UInt8] = []
        for byte in value {
            if isAlphanumeric(byte) || kept.contains(byte) {
                text.append(byte)
            } else {
                text += prefix.utf8
                text += digits([byte], isUpper)
            }
        }
        return text
    }

    static func digits(_ bytes: [UInt8], _ isUpper: Bool) -> [UInt8] {
        let text = Hex.encode(bytes)
        return Array((isUpper ? text.uppercased() : text).utf8)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}

/// The choices of an encoder of JSON texts, which all write quotes, backslashes and control characters as escapes
/// (RFC 8259, section 7).
private struct JSONEscapes {
    /// True for `\/`, as PHP writes.
    let hasSlash: Bool
    /// The bytes that are written as `\u00` and two digits, though they need not be.
    let further: [UInt8]

    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")

    /// Python, JavaScript and Rust; PHP; Go, which also escapes what HTML needs.
    static let common = [
        JSONEscapes(hasSlash: false, further: []),
        JSONEscapes(hasSlash: true, further: []),
        JSONEscapes(hasSlash: false, further: Array("<>&".utf8)),
    ]

    /// Returns the value as it is between the quotes of a JSON text.
    func apply(to value: [UInt8], _ isUpper: Bool) -> [UInt8] {
        var text: [UInt8] = []
        for byte in value {
            if hasSlash, byte == Self.slash {
                text += [Self.backslash, byte]
            } else if let letter = Self.letter(of: byte) {
                text += [Self.backslash, letter]
            } else if byte < 0x20 || further.contains(byte) {
                text += "\\u00".utf8
                text += SecretEncodings.digits([byte], isUpper)
            } else {
                text.append(byte)
            }
        }
        return text
    }

    /// Returns the byte after the backslash, or nil for a byte that needs no escape of two characters.
    private static func letter(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), Self.backslash: byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0a: UInt8(ascii: "n")
        case 0x0c: UInt8(ascii: "f")
        case 0x0d: UInt8(ascii: "r")
        default: nil
        }
    }
}
