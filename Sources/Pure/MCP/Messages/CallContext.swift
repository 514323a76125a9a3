package import InterlockJSON

/// What led to a call, as the agent's own side tells it in `_meta."interlock/context"`: a text, or JSON.
/// It is kept beside the call for whoever reads the log. Nothing is decided by it, since whoever sends
/// it may write what he likes, and it is never sent on.
package struct CallContext: Sendable, Hashable {
    /// Who wrote it, as its sender says.
    package enum Source: String, Sendable {
        case user, model, hook
    }

    package let source: Source
    /// UTF-8 text, or RFC 8785 JSON; nil when there are more than `largestBytes` of it.
    package let bytes: [UInt8]?
    package let sizeBytes: Int

    package static let metaKey = "interlock/context"
    package static let largestBytes = 64 << 10

    /// A text, or any JSON. Of the form `{"src": "user" | "model" | "hook", "text": ...}` it also says
    /// whose words these are; else they count as the user's request.
    ///
    /// - Returns: nil for `null`, and for a number that has no canonical form.
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
