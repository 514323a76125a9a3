import InterlockJSON
import InterlockModel

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
        case .otherChain(let head): ["head": head.json, "verdict": "other-chain"]
        case .behind(let head): ["head": head.json, "verdict": "behind"]
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
        let head = try ChainHead(json: try fields.value("head"), at: path + ".head")
        switch verdict {
        case "other-chain": self = .otherChain(head)
        case "behind": self = .behind(head)
        default: throw fields.bad("verdict", "a known verdict")
        }
    }
}
