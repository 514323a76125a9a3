extension Digest {
    /// The ASCII bytes of `base64`.
    package var base64Bytes: [UInt8] {
        [UInt8](capacity: Self.base64Length) { appendBase64(to: &$0) }
    }

    package static let base64Length = 44

    /// Appends the bytes of `base64` without an intermediate array, because each record contains several digests.
    package func appendBase64(to output: inout OutputSpan<UInt8>) {
        let symbols = Base64.standard
        // The top `held` bits of `bits` are left over from the previous word; the bits below them are zero.
        var bits: UInt64 = 0
        var held: UInt64 = 0
        for place in 0..<4 {
            let word = self[place]
            if held > 0 {
                output.append(symbols[Int((bits | word >> held) >> 58)])
                bits = word << (6 - held)
                held += 58
            } else {
                bits = word
                held = 64
            }
            while held >= 6 {
                output.append(symbols[Int(bits >> 58)])
                bits <<= 6
                held -= 6
            }
        }
        output.append(symbols[Int(bits >> 58)])
        output.append(UInt8(ascii: "="))
    }

    /// - Returns: nil unless the text is the 44 characters that `base64` produces for a digest.
    package init?(base64 text: String) {
        let text = text.utf8.span
        guard text.count == Self.base64Length, text[43] == UInt8(ascii: "=") else { return nil }
        var words = InlineArray<4, UInt64>(repeating: 0)
        var word = 0
        var held: UInt64 = 0
        for place in 0..<43 {
            guard let value = Base64.value(ofStandard: text[place]) else { return nil }
            let free = 64 - held
            if free >= 6 {
                words[word] = words[word] << 6 | value
                held += 6
            } else {
                // The last character has four bits, which end the last word, and two bits that must be zero.
                words[word] = words[word] << free | value >> (6 - free)
                held = 6 - free
                let rest = value & (1 << held - 1)
                word += 1
                guard word < 4 else {
                    guard rest == 0 else { return nil }
                    break
                }
                words[word] = rest
            }
        }
        self.init(words: (words[0], words[1], words[2], words[3]))
    }

    private subscript(place: Int) -> UInt64 {
        switch place {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        default: words.3
        }
    }
}
