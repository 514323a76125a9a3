import InterlockJSON
import InterlockModel

/// The question of a node before it sends a gated call of the highest rigour: whether another node has the same chain
/// (docs/specs/cluster.md, section 7). It carries the new use, so that others know it before the call is sent.
///
/// ```json
/// {"head":{"digest":"sha256:...","n":12},"use":{...}}
/// ```
package struct WitnessRequest: Hashable, Sendable {
    /// The newest entry that the sender has applied; the use is this entry or an earlier one.
    package let head: ChainHead
    package let use: StoredEntry

    /// - Returns: nil if the entry is not a use, comes after the head, lacks its body, or is too large.
    package init?(head: ChainHead, use: StoredEntry) {
        guard use.number >= 1, use.number <= head.number,
            sameBytes(use.kind, NarrowingKind.use.rawValue), use.digest != nil,
            use.previous != nil, let body = use.body, body.count <= PeerLimits.useBody,
            use.number < head.number || use.digest == head.digest
        else { return nil }
        self.head = head
        self.use = use
    }

    var json: JSONValue? {
        use.peerJSON.map { ["head": head.json, "use": $0] }
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: ["head", "use"])
        let head = try ChainHead(json: try fields.value("head"), at: path + ".head")
        let use = try StoredEntry(
            peer: try fields.value("use"), at: path + ".use", bodyLimit: PeerLimits.useBody)
        guard let request = WitnessRequest(head: head, use: use) else {
            throw fields.bad("use", "a use up to the head, with its body")
        }
        self = request
    }
}
