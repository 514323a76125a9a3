/// Text inside XML 1.0.
package enum XMLText {
    /// Escapes the text of an attribute in double quotes. A character that XML 1.0 forbids is written `\uXXXX`; tabs and
    /// line ends are references, since a parser would make spaces of them.
    package static func attribute(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: output += "&amp;"
            case 0x3c: output += "&lt;"
            case 0x3e: output += "&gt;"
            case 0x22: output += "&quot;"
            case 0x27: output += "&apos;"
            case 0x09, 0x0a, 0x0d: output += "&#\(scalar.value);"
            case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
