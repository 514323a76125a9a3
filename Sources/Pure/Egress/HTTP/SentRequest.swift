import InterlockModel

/// A request of plain HTTP as its server would get it, whole, for the search in it
/// (docs/specs/output-safety.md, sections 2 and 7).
package struct SentRequest: Hashable, Sendable {
    /// The most bytes of a body; a longer one is not searched and not sent.
    package static let longestBody = 256 << 10
    /// The most bytes of a head: that of the longest one that is received, with the lines that the proxy adds.
    package static let longestHead = ProxyHeadReader.limitBytes + 1024

    /// The head, as in `ForwardedRequest`.
    package let head: [UInt8]
    /// The bytes of the body, as many as the head announces.
    package let body: [UInt8]

    /// - Returns: nil if the head or the body is longer than is searched.
    package init?(head: [UInt8], body: [UInt8]) {
        guard head.count <= Self.longestHead, body.count <= Self.longestBody else { return nil }
        self.head = head
        self.body = body
    }

    /// The path and query of the request line; empty if there is none.
    package var target: String {
        let line = head.prefix { $0 != 13 }
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(decoding: parts[1], as: UTF8.self) : ""
    }

    /// The texts that are searched: the request line, the fields but for `Host`, what several fields are together, and the
    /// body. A body that is not UTF-8 is there in base64, of which the search decodes texts and packed data.
    ///
    /// - Returns: nil if the body has a coding, or says that it has a character set, that the search does not decode.
    package var texts: [String]? {
        var texts: [String] = []
        var fields = SentFields()
        for (index, line) in lines.enumerated() {
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            guard !name.elementsEqual("host".utf8) else { continue }
            if name.elementsEqual("content-encoding".utf8) {
                guard Self.isDecoded(line.dropFirst(name.count + 1)) else { return nil }
            }
            if name.elementsEqual("content-type".utf8) {
                guard Self.isRead(line.dropFirst(name.count + 1)) else { return nil }
            }
            texts.append(String(decoding: line, as: UTF8.self))
            if index > 0 { fields.add(line) }
        }
        texts += fields.joined
        guard !body.isEmpty else { return texts }
        texts.append(String(validating: body, as: UTF8.self) ?? Base64.encode(body))
        return texts
    }

    /// The lines of the head without their ends, names of fields in lower case; without the empty one.
    private var lines: [[UInt8]] {
        var lines: [[UInt8]] = []
        for line in head.split(separator: 10) {
            let text = line.last == 13 ? line.dropLast() : line
            guard !text.isEmpty else { continue }
            if !lines.isEmpty, let colon = text.firstIndex(of: UInt8(ascii: ":")) {
                let name = text[..<colon].lowerCased
                lines.append(name + Array(text[colon...]))
            } else {
                lines.append(Array(text))
            }
        }
        return lines
    }

    /// True for no character set, and for those of which ASCII is a part.
    private static func isRead(_ value: ArraySlice<UInt8>) -> Bool {
        let text = lowered(value)
        let word = Array("charset=".utf8)
        for start in text.indices where text[start...].starts(with: word) {
            let set = text[(start + word.count)...].drop { $0 == UInt8(ascii: "\"") }
                .prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ";") }
            guard
                ["utf-8", "us-ascii", "iso-8859-1"].contains(where: { set.elementsEqual($0.utf8) })
            else { return false }
        }
        return true
    }

    /// True for no coding, and for gzip, which the search unpacks.
    private static func isDecoded(_ value: ArraySlice<UInt8>) -> Bool {
        let coding = lowered(value)
        return ["identity", "gzip", "x-gzip"].contains { coding.elementsEqual($0.utf8) }
    }

    /// Returns the letters in lower case, without spaces.
    private static func lowered(_ value: ArraySlice<UInt8>) -> [UInt8] {
        value.filter { $0 != 32 && $0 != 9 }.lowerCased
    }
}
