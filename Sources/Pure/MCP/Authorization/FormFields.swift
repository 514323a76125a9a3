package import InterlockJSON
import InterlockModel

/// The `application/x-www-form-urlencoded` codec for OAuth bodies and queries (RFC 6749, appendix B).
package enum FormFields {
    package static func text(_ fields: [(name: String, value: String)]) -> String {
        fields.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
    }

    /// Percent-encodes all bytes except the unreserved characters of RFC 3986.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte) {
                bytes.append(byte)
            } else {
                PercentCode.append(byte, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Returns: nil for a malformed `%XX`, for bytes that are not UTF-8, for a character that a form must not
    ///   contain, and for a repeated name (RFC 6749, section 3.1).
    package static func parse(_ text: String) -> [ExactText: String]? {
        var found: [ExactText: String] = [:]
        // The text is split by bytes: comparing characters takes quadratic time for a run of combining marks.
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let pair = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(pair[0]),
                let value = decode(pair.count > 1 ? pair[1] : "".utf8[...]),
                found.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return found
    }

    /// Decodes one name or value.
    ///
    /// - Returns: nil for the malformed texts that `parse` refuses.
    package static func decoded(_ text: String) -> String? { decode(text[...].utf8) }

    private static func decode(_ text: Substring.UTF8View) -> String? {
        let written = Array(text)
        Steps.count(1 + written.count)
        var bytes: [UInt8] = []
        var place = 0
        while place < written.count {
            switch written[place] {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let byte = PercentCode.byte(written, place) else { return nil }
                bytes.append(byte)
                place += 2
            case 0x21...0x7e: bytes.append(written[place])
            default: return nil
            }
            place += 1
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
