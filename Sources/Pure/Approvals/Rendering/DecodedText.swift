import InterlockModel

/// The decoded content of an encoded value, one level deep; displayed in addition to the value, never instead of it.
package struct DecodedText: Hashable, Sendable {
    package enum Code: String, Sendable {
        case base64
        case percent = "percent-encoding"
        case gzip = "base64 of gzip"
    }
    package let code: Code
    /// Is nil for gzip data, which `packed` holds.
    package let text: String?
    /// The gzip data, or nil for another code.
    package let packed: [UInt8]?
    package let count: Int

    private static let shortestBase64 = 8
    private static let gzipMark: [UInt8] = [0x1f, 0x8b]

    /// Returns nil if the value is not encoded, or if the decoded bytes are neither gzip nor valid UTF-8.
    package init?(_ value: String) {
        if let bytes = Self.percentDecoded(value),
            let text = String(validating: bytes, as: UTF8.self)
        {
            (code, self.text, packed, count) = (.percent, text, nil, bytes.count)
        } else if value.utf8.count >= Self.shortestBase64, let bytes = Self.base64(value) {
            if bytes.starts(with: Self.gzipMark) {
                (code, text, packed, count) = (.gzip, nil, bytes, bytes.count)
            } else if let text = String(validating: bytes, as: UTF8.self), !text.isEmpty {
                (code, self.text, packed, count) = (.base64, text, nil, bytes.count)
            } else {
                return nil
            }
        } else {
            return nil
        }
    }

    private static func base64(_ value: String) -> [UInt8]? {
        Base64.decode(value) ?? Base64.decodeURL(value)
    }

    /// Returns nil if the value contains no `%XX`.
    private static func percentDecoded(_ value: String) -> [UInt8]? {
        let written = Array(value.utf8)
        var bytes: [UInt8] = []
        var place = 0
        while place < written.count {
            let code = PercentCode.byte(written, place)
            bytes.append(code ?? written[place])
            place += code == nil ? 1 : 3
        }
        return bytes.count < written.count ? bytes : nil
    }
}
