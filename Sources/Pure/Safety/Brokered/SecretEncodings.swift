import InterlockModel

/// The forms in which a registered value is recognised (docs/specs/output-safety.md, section 4, item 1): itself, base64
/// and base64url at each of three alignments, hexadecimal in both cases, percent encoding, JSON escapes, reversed.
enum SecretEncodings {
    static func all(of value: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = [value, value.reversed()]
        for alignment in 0..<3 {
            let text = base64(value, alignment)
            forms.append(text)
            forms.append(
                text.map { byte in
                    switch byte {
                    case UInt8(ascii: "+"): UInt8(ascii: "-")
                    case UInt8(ascii: "/"): UInt8(ascii: "_")
                    default: byte
                    }
                })
        }
        let hexadecimal = Hex.encode(value)
        forms += [Array(hexadecimal.utf8), Array(hexadecimal.uppercased().utf8)]
        forms += [percent(value, "%"), percent(value, "\\u00"), escaped(value)]
        return Array(Set(forms))
    }

    /// The characters that only the value decides, if `alignment` bytes are before it.
    private static func base64(_ value: [UInt8], _ alignment: Int) -> [UInt8] {
        let before = [UInt8](repeating: 0, count: alignment)
        let text = Array(Base64.encode(before + value).utf8).filter { $0 != UInt8(ascii: "=") }
        let head = [0, 2, 3][alignment]
        // The last character also has bits of what follows, unless the value ends a group.
        let tail = (alignment + value.count) % 3 == 0 ? 0 : 1
        return Array(text.dropFirst(head).dropLast(tail))
    }

    /// Every byte that is no letter or digit by its two digits after a prefix.
    private static func percent(_ value: [UInt8], _ prefix: String) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            isAlphanumeric(byte) ? [byte] : Array((prefix + Hex.encode([byte]).uppercased()).utf8)
        }
    }

    /// The value as it is between the quotes of a JSON text.
    private static func escaped(_ value: [UInt8]) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): Array("\\n".utf8)
            case UInt8(ascii: "\r"): Array("\\r".utf8)
            case UInt8(ascii: "\t"): Array("\\t".utf8)
            default: [byte]
            }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
