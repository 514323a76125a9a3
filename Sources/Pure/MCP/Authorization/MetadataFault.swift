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
