package import InterlockJSON
package import InterlockModel

/// The commitment to a payload in a leaf, `{b, c, n}`.
package struct Commitment: Sendable, Hashable {
    /// The `b`: SHA-256 of the stored blob, or nil if the blob could not be stored.
    package let stored: Digest?
    /// The `c`: SHA-256 of `interlock/pc/1`, salt, plaintext.
    package let content: Digest
    /// The `n`: length of the plaintext in bytes.
    package let length: Int

    package init(stored: Digest?, content: Digest, length: Int) {
        self.stored = stored
        self.content = content
        self.length = length
    }

    /// - Returns: nil if the value is not a commitment.
    package init?(json: JSONValue) {
        guard let object = json.object,
            let content = object["c"]?.string.flatMap({ Digest(base64: $0) }),
            let length = object["n"]?.integer, length >= 0
        else { return nil }
        stored = object["b"]?.string.flatMap { Digest(base64: $0) }
        guard object["b"] == nil || stored != nil else { return nil }
        self.content = content
        self.length = Int(length)
    }

    package var json: JSONValue {
        var object = JSONObject()
        if let stored { object["b"] = .string(stored.base64) }
        object["c"] = .string(content.base64)
        object["n"] = .integer(Int64(length))
        return .object(object)
    }
}
