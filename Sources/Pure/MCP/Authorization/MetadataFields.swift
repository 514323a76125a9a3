import InterlockJSON

/// The members of a metadata document. Unknown members are permitted (RFC 8414, section 3.2).
struct MetadataFields {
    /// The maximum size of a document, in bytes.
    static let largest = 1 << 20
    private static let listCounts = 0...256
    private let object: JSONObject

    init(_ bytes: [UInt8]) throws(MetadataFault) {
        let limits = JSONLimits(depth: 16, bytes: Self.largest, largeIntegers: .keep)
        guard let object = try? JSONValue(parsing: bytes, limits: limits).object else {
            throw .notJSON
        }
        self.object = object
    }

    subscript(_ name: String) -> JSONValue? { object[name] }

    /// - Parameter length: the accepted length in bytes of UTF-8.
    func text(
        _ name: String, _ length: ClosedRange<Int> = 1...1024
    ) throws(MetadataFault) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string, length.contains(text.utf8.count) else {
            throw .malformed(name)
        }
        return text
    }

    /// Returns the flag, or false if the member is absent.
    func flag(_ name: String) throws(MetadataFault) -> Bool {
        guard let value = object[name] else { return false }
        guard let flag = value.bool else { throw .malformed(name) }
        return flag
    }

    func texts(_ name: String) throws(MetadataFault) -> [String]? {
        guard let value = object[name] else { return nil }
        guard let list = value.array, Self.listCounts.contains(list.count) else {
            throw .malformed(name)
        }
        let texts = list.compactMap(\.string)
        guard texts.count == list.count else { throw .malformed(name) }
        return texts
    }
}

/// The reason why a document of an authorization server or of a protected resource is rejected. It contains no text of
/// the document.
package enum MetadataFault: Error, Hashable, Sendable, CustomStringConvertible {
    case notJSON
    case missing(String)
    case malformed(String)
    /// The named member differs from the requested value: the document describes another issuer or resource.
    case other(String)
    /// The document does not offer the named feature.
    case lacks(String)

    package var description: String {
        switch self {
        case .notJSON: "it is no JSON object"
        case .missing(let member): "it has no `\(member)`"
        case .malformed(let member): "its `\(member)` is malformed"
        case .other(let member): "its `\(member)` is another than asked for"
        case .lacks(let what): "it does not offer \(what)"
        }
    }
}
