import InterlockJSON
import InterlockModel

/// Finds parts of a text that encode other text in base64 or hexadecimal digits.
enum EncodedParts {
    static let shortestBase64 = 16
    static let shortestHex = 32

    /// Returns the decoded texts, each with the offset where its encoded form starts; together no longer than the text.
    static func decoded(_ scalars: [Unicode.Scalar]) -> [(offset: Int, text: String)] {
        var found: [(Int, String)] = []
        for run in runs(scalars) {
            let code = String(String.UnicodeScalarView(scalars[run]))
            let bytes = hex(code) ?? base64(code)
            guard let bytes, let text = String(validating: bytes, as: UTF8.self), isProse(text)
            else { continue }
            found.append((run.lowerBound, text))
        }
        return found
    }

    private static func runs(_ scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for place in 0...scalars.count {
            let isCode = place < scalars.count && isCode(scalars[place])
            if isCode, start == nil { start = place }
            if !isCode, let first = start {
                if place - first >= shortestBase64 { runs.append(first..<place) }
                start = nil
            }
        }
        return runs
    }

    static func isCode(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "+", "/", "-", "_", "=": true
        default: false
        }
    }

    private static func hex(_ code: String) -> [UInt8]? {
        guard code.utf8.count >= shortestHex, code.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in code.utf8 {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return bytes
    }

    private static func base64(_ code: String) -> [UInt8]? {
        var plain = code.replacing("-", with: "+").replacing("_", with: "/")
        while plain.last == "=" { plain.removeLast() }
        // No encoding has this length: the last letter belongs to the prose around it.
        if plain.utf8.count % 4 == 1 { plain.removeLast() }
        let padding = (4 - plain.utf8.count % 4) % 4
        return Base64.decode(plain + String(repeating: "=", count: padding))
    }

    /// Returns whether a text consists mostly of letters and spaces, unlike the bytes that a long name decodes to.
    private static func isProse(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        let letters = scalars.count { $0.isASCII && ($0.properties.isAlphabetic || $0 == " ") }
        return scalars.count >= 10 && letters * 4 >= scalars.count * 3
    }
}
