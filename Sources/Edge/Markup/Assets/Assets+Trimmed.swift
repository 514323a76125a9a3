extension Assets {
    /// The script without its comments, its indentation and the spaces around signs, which are a fifth of its bytes. No
    /// script of ours has text over several lines.
    package static func trimmed(_ script: [UInt8]) -> [UInt8] {
        Array(
            script.split(separator: UInt8(ascii: "\n")).map { line in
                line.drop { $0 == space }
            }.filter { !$0.isEmpty && !$0.starts(with: Array("//".utf8)) }
                .map(withoutSpaces).joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The signs at which a space means nothing, whatever is on its other side. `+`, `-` and `/` are not among them.
    private static func isSign(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "{", "}", "(", ")", ",", ";", "=", "<", ">", "?", ":", "&", "|": true
        default: false
        }
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "\"", "'", "`": true
        default: false
        }
    }

    private static let space = UInt8(ascii: " ")

    /// The line without these spaces outside of its texts. A line with a `/` that is no division stays as it is: where a
    /// regular expression ends is not looked for.
    private static func withoutSpaces(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let bytes = Array(line)
        var (trimmed, quote, isEscaped): ([UInt8], UInt8?, Bool) = ([], nil, false)
        for (place, byte) in bytes.enumerated() {
            let next = place + 1 < bytes.count ? bytes[place + 1] : space
            if let open = quote {
                if byte == open, !isEscaped { quote = nil }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else if isQuote(byte) {
                quote = byte
            } else if byte == UInt8(ascii: "/"), trimmed.last != space || next != space {
                return bytes
            } else if byte == space, isSign(trimmed.last ?? space) || isSign(next) {
                continue
            }
            trimmed.append(byte)
        }
        return trimmed
    }
}
