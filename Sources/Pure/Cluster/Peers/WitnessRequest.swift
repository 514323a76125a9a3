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
            use.kind.utf8.elementsEqual(NarrowingKind.use.rawValue.utf8), use.digest != nil,
            use.previous != nil, let body = use.body, body.count <= PeerLimits.useBody,
            use.number < head.number || use.digest == head.digest
        else { return nil }
        self.head = head
        self.use = use
    }

    var json: JSONValue? {
        use.peerJSON.map { ["head": head.peerJSON, "use": $0] }
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: ["head", "use"])
        let head = try ChainHead(peer: try fields.value("head"), at: path + ".head")
        let use = try StoredEntry(
            peer: try fields.value("use"), at: path + ".use", bodyLimit: PeerLimits.useBody)
        guard let request = WitnessRequest(head: head, use: use) else {
            throw fields.bad("use", "a use up to the head, with its body")
        }
        self = request
    }
}

/// The answer of a witness.
package enum WitnessVerdict: Hashable, Sendable {
    /// The witness has the same entries, the use among them.
    case agreed
    /// The witness has another entry than the sender with the number: two chains, or a use that was changed.
    case otherChain(ChainHead)
    /// The witness does not have the head yet, or does not remember it; its own newest entry. The sender may ask again.
    case behind(ChainHead)

    /// Judges a question by the chain that this node has applied.
    ///
    /// - Parameter next: true if the use is exactly the entry that this node lacks. The caller gives it to its follower,
    ///   and asks again.
    package static func judge(
        _ request: WitnessRequest, by follower: ChainFollower
    ) -> (verdict: WitnessVerdict, next: Bool) {
        for named in [
            request.head,
            ChainHead(
                number: request.use.number, digest: request.use.digest ?? request.head.digest),
        ] {
            guard named.number <= follower.head.number else { continue }
            guard let own = follower.digest(of: named.number) else {
                return (.behind(follower.head), false)
            }
            guard own == named.digest else {
                return (.otherChain(ChainHead(number: named.number, digest: own)), false)
            }
        }
        guard request.head.number > follower.head.number else { return (.agreed, false) }
        let isNext = request.use.number == follower.head.number + 1
        if isNext, let previous = request.use.previous, previous != follower.head.digest {
            return (.otherChain(follower.head), false)
        }
        return (.behind(follower.head), isNext)
    }

    var json: JSONValue {
        switch self {
        case .agreed: ["verdict": "agreed"]
        case .otherChain(let head): ["head": head.peerJSON, "verdict": "other-chain"]
        case .behind(let head): ["head": head.peerJSON, "verdict": "behind"]
        }
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["verdict"], optional: ["head"])
        let verdict = try fields.string("verdict")
        guard verdict != "agreed" else {
            _ = try StrictFields(json, at: path, required: ["verdict"])
            self = .agreed
            return
        }
        let head = try ChainHead(peer: try fields.value("head"), at: path + ".head")
        switch verdict {
        case "other-chain": self = .otherChain(head)
        case "behind": self = .behind(head)
        default: throw fields.bad("verdict", "a known verdict")
        }
    }
}
