import InterlockJSON
import InterlockModel

/// Why a server turned a bearer token away, from `WWW-Authenticate` (RFC 6750, section 3; RFC 9728,
/// section 5.1).
package struct BearerChallenge: Hashable, Sendable {
    /// Of the field's value, in bytes.
    package static let largest = 4096

    /// `invalid_token`, `insufficient_scope`
    package let error: String?
    /// What the request would have needed; empty where nothing is said.
    package let scopes: [String]
    /// The URL of the server's metadata.
    package let metadata: String?

    /// - Returns: nil without a `Bearer` challenge that can be read.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.largest else { return nil }
        var reader = ChallengeReader(Array(text.utf8))
        guard let found = reader.parameters(of: "bearer") else { return nil }
        error = found["error"]
        metadata = found["resource_metadata"]
        guard let words = found["scope"] else {
            scopes = []
            return
        }
        guard ScopeSet(words) != nil else { return nil }
        scopes = words.split(separator: " ").map(String.init)
    }
}

/// `scheme [token68 | name=value, ...], ...` (RFC 9110, section 11.6.1).
private struct ChallengeReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The parameters of the first challenge of that scheme, names in lower case; nil where there is
    /// none, a name stands twice, or the text breaks the grammar before its end.
    mutating func parameters(of wanted: String) -> [ExactText: String]? {
        var found: [ExactText: String]?
        var isWanted = false
        while true {
            skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
            guard place < bytes.count else { return found }
            guard let name = token() else { return nil }
            let start = place
            skipSpace()
            if place < bytes.count, bytes[place] == UInt8(ascii: "=") {
                guard let value = value() else { return nil }
                guard isWanted else { continue }
                guard found?.updateValue(value, forKey: name.lowercased()) == nil else {
                    return nil
                }
            } else {
                // A scheme; what may follow it in one piece is not ours.
                place = start
                if found != nil { return found }
                isWanted = name.lowercased() == wanted
                if isWanted { found = [:] }
                skipToken68()
            }
        }
    }

    /// Behind `=`; nil when nothing follows that is a value.
    private mutating func value() -> String? {
        place += 1
        skipSpace()
        let value = place < bytes.count && bytes[place] == UInt8(ascii: "\"") ? quoted() : token()
        skipSpace()
        return place == bytes.count || bytes[place] == UInt8(ascii: ",") ? value : nil
    }

    private mutating func token() -> String? {
        let start = place
        skip(Self.isTokenByte)
        return place == start ? nil : String(validating: bytes[start..<place], as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        var content: [UInt8] = []
        place += 1
        while place < bytes.count {
            var byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") { return String(validating: content, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard place < bytes.count else { return nil }
                byte = bytes[place]
                place += 1
            }
            guard byte >= 0x20, byte != 0x7f else { return nil }
            content.append(byte)
        }
        return nil
    }

    private mutating func skipToken68() {
        let start = place
        skipSpace()
        let begin = place
        skip { Self.isTokenByte($0) || $0 == UInt8(ascii: "/") }
        skip { $0 == UInt8(ascii: "=") }
        let isAlone = place == bytes.count || bytes[place] == UInt8(ascii: ",")
        if begin == start || !isAlone { place = start }
    }

    private mutating func skipSpace() {
        skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private mutating func skip(_ applies: (UInt8) -> Bool) {
        while place < bytes.count, applies(bytes[place]) { place += 1 }
    }

    private static let marks = Set("!#$%&'*+-.^_`|~".utf8)
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || marks.contains(byte)
    }
}
