/// Why a document of an authorization server or of a protected resource does not count. Nothing of the
/// document's own text is in it.
package enum MetadataFault: Error, Hashable, Sendable, CustomStringConvertible {
    case notJSON
    case missing(String)
    case malformed(String)
    /// It is somebody else's: the member named differs from what was asked for.
    case other(String)
    /// It does not offer what is needed.
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
