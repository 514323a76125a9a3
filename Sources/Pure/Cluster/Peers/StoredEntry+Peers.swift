import InterlockJSON
import InterlockModel

/// Entries in messages of nodes and in `control.chain`.
///
/// ```json
/// {"body":"<base64>","digest":"sha256:...","kind":"halt","n":7,"node":"gw1","previous":"sha256:...","subject":"01..."}
/// ```
/// `body` is omitted if the entry was dropped after a snapshot.
extension StoredEntry {
    /// - Returns: nil if the entry has no digest or link, which none has that this node has verified.
    var peerJSON: JSONValue? {
        guard let digest, let previous else { return nil }
        var object: JSONObject = [
            "digest": .string(digest.prefixed), "kind": .string(kind), "n": .integer(number),
            "node": .string(node), "previous": .string(previous.prefixed),
            "subject": .string(subject),
        ]
        if let body { object["body"] = .string(Base64.encode(body)) }
        return .object(object)
    }

    /// - Parameter least: the smallest number of an entry; messages never have the first one.
    init(
        peer json: JSONValue, at path: String, bodyLimit: Int, from least: Int64 = 1
    ) throws(FormError) {
        let fields = try StrictFields(
            json, at: path,
            required: ["digest", "kind", "n", "node", "previous", "subject"], optional: ["body"])
        let body: [UInt8]? =
            if fields.has("body") {
                try fields.made("body", "base64 of at most \(bodyLimit) bytes") { text in
                    Base64.decode(text).flatMap { $0.count <= bodyLimit ? $0 : nil }
                }
            } else {
                nil
            }
        self.init(
            number: try fields.integer("n", in: least...JSONValue.largestInteger),
            previous: try fields.digest("previous"), digest: try fields.digest("digest"),
            kind: try fields.string("kind", length: 1...64),
            subject: try fields.string("subject", length: EntryLimits.subject), body: body,
            node: try fields.node("node").text)
    }
}
