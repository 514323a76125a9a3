import InterlockJSON
import InterlockModel

/// The reason why a server rejected a bearer token, from `WWW-Authenticate` (RFC 6750, section 3; RFC 9728, section
/// 5.1).
package struct BearerChallenge: Hashable, Sendable {
    /// The maximum size of the field value, in bytes.
    package static let largest = 4096

    /// The error code, such as `invalid_token` or `insufficient_scope`.
    package let error: String?
    /// The scopes that the request requires; empty if the challenge states none.
    package let scopes: [String]
    /// The URL of the server's metadata.
    package let metadata: String?

    /// - Returns: nil if the field contains no valid `Bearer` challenge.
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

/// Reads `scheme [token68 | name=value, ...], ...` (RFC 9110, section 11.6.1).
private struct ChallengeReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Returns the parameters of the first challenge of that scheme, with names in lower case, or nil if the scheme is
    /// absent, a name is repeated, or the text violates the grammar before the end of the challenge.
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
                // A scheme. A token68 that follows it is skipped.
                place = start
                if found != nil { return found }
                isWanted = name.lowercased() == wanted
                if isWanted { found = [:] }
                skipToken68()
            }
        }
    }

    /// Reads the value after `=`, or returns nil if no valid value follows.
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
        isLetter(byte) || isDigit(byte) || marks.contains(byte)
    }
}
