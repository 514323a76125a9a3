package import InterlockJSON

/// The background of a call as the agent's side reports it in `_meta."interlock/context"`: text or JSON. It is stored
/// with the call for readers of the log. It is unverified, so no decision uses it, and it is never forwarded.
package struct CallContext: Sendable, Hashable {
    /// The author, as the sender claims.
    package enum Source: String, Sendable {
        case user, model, hook
    }

    package let source: Source
    /// The UTF-8 text or RFC 8785 JSON, or nil if it exceeds `largestBytes`.
    package let bytes: [UInt8]?
    package let sizeBytes: Int

    package static let metaKey = "interlock/context"
    package static let largestBytes = 64 << 10

    /// Reads text or any JSON. An object of the form `{"src": "user" | "model" | "hook", "text": ...}` also names the
    /// author; otherwise the content counts as the user's request.
    ///
    /// - Returns: nil for `null` and for a number that has no canonical form.
    package init?(_ value: JSONValue) {
        var source = Source.user
        var content = value
        if let object = value.object, object.count == 2, let text = object["text"],
            let named = object["src"]?.string.flatMap(Source.init)
        {
            source = named
            content = text
        }
        let bytes: [UInt8]
        switch content {
        case .null: return nil
        case .string(let text): bytes = Array(text.utf8)
        default:
            guard let canonical = try? content.canonical() else { return nil }
            bytes = canonical
        }
        self.source = source
        sizeBytes = bytes.count
        self.bytes = bytes.count <= Self.largestBytes ? bytes : nil
    }
}
