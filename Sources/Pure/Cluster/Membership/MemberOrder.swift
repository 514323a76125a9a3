package import InterlockJSON
package import InterlockModel

/// The order of people about the members of a cluster (docs/specs/cluster.md, section 11): it founds the cluster with its
/// first node, admits a node, permits admissions ahead, or retires a node for ever. Two people with the role `security`
/// sign it, or the only person.
///
/// ```json
/// {"v":1,"type":"member","deed":"admit","id":"01kag0...","org":"acme","node":{"name":"gw2","log":"<base64>",
///  "witness":"<base64>","token":"<base64>","tls":"sha256:..."},"until":"2026-12-01T10:00:00Z",
///  "reason":"a third node","authors":["qAtv...","xBuw..."]}
/// ```
/// `found` has `node`, `standby` and `genesis`, the digest of what the first entry starts from. `permit` has `key`, `count`
/// and `until`; who has the private half of `key` may admit so many nodes (`MemberClaim`). `retire` has `name`.
package struct MemberOrder: SignedOrder {
    package typealias Refusal = OrderRefusal

    package enum Change: Hashable, Sendable {
        /// The first node, and the digest of the content of the first entry (`Genesis.digest`).
        case found(MemberKeys, genesis: Digest, hasStandby: Bool)
        /// Counts until the given time, at most `longest` after it is signed.
        case admit(MemberKeys, until: Timestamp)
        /// Counts until the given time as an admission does, for 1 to `mostPermitted` nodes that claim it.
        case permit(PublicKey, count: Int, until: Timestamp)
        case retire(NodeName)
    }

    package static let payloadType = PayloadType.member
    package static let takesPasskeys = true
    /// The longest time between signing and admission: a whole month, as of permits that are signed ahead.
    package static let longest = Duration.seconds(31 * 86_400)
    /// The most nodes that one permit admits.
    package static let mostPermitted = 1000

    package let id: OrderID
    package let org: String
    package let change: Change
    package let reason: String
    package let authors: [Pseudonym]

    /// - Throws: `badMember` if the reason or the authors are not acceptable.
    package init(
        id: OrderID, org: String, change: Change, reason: String, authors: [Pseudonym]
    ) throws(FormError) {
        guard isFitReason(reason) else { throw .badMember("reason", fitReason) }
        if case .permit(_, let count, _) = change, !(1...Self.mostPermitted).contains(count) {
            throw .badMember("count", "1 to \(Self.mostPermitted)")
        }
        guard (1...Envelope.mostSignatures).contains(authors.count),
            Set(authors).count == authors.count
        else { throw .badMember("authors", "1 to \(Envelope.mostSignatures) distinct people") }
        self.id = id
        self.org = org
        self.change = change
        self.reason = reason
        self.authors = authors
    }

    package static func quorum(_ trust: AuthorizedKeys) -> Int? { trust.releaseQuorum }

    package func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.contains(.security) ? nil : .security
    }

    /// Returns nil: the time until which an admission counts is compared with that of its entry.
    package func staleness(at now: Timestamp) -> OrderRefusal? { nil }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "member", "id": .string(id.text), "org": .string(org),
            "reason": .string(reason), "authors": .array(authors.map { .string($0.text) }),
        ]
        switch change {
        case .found(let keys, let genesis, let hasStandby):
            object["deed"] = "found"
            object["node"] = .object(keys.json)
            object["genesis"] = .string(genesis.prefixed)
            object["standby"] = .string(Genesis.text(hasStandby: hasStandby))
        case .admit(let keys, let until):
            object["deed"] = "admit"
            object["node"] = .object(keys.json)
            object["until"] = .string(until.rfc3339(fractionDigits: 0))
        case .permit(let key, let count, let until):
            object["deed"] = "permit"
            object["key"] = .string(key.base64)
            object["count"] = .integer(Int64(count))
            object["until"] = .string(until.rfc3339(fractionDigits: 0))
        case .retire(let name):
            object["deed"] = "retire"
            object["name"] = .string(name.text)
        }
        return .object(object)
    }

    package static func members(of statement: JSONValue) throws(FormError) -> [String] {
        switch statement["deed"]?.string {
        case "found": ["deed", "authors", "node", "genesis", "standby"]
        case "admit": ["deed", "authors", "node", "until"]
        case "permit": ["deed", "authors", "key", "count", "until"]
        case "retire": ["deed", "authors", "name"]
        default: throw .badMember("deed", "`found`, `admit`, `permit` or `retire`")
        }
    }

    package init(_ fields: StrictFields) throws(FormError) {
        let change: Change
        switch try fields.string("deed") {
        case "found":
            change = .found(
                try MemberKeys(in: fields), genesis: try fields.digest("genesis"),
                hasStandby: try fields.hasStandby("standby"))
        case "admit":
            change = .admit(
                try MemberKeys(in: fields), until: try fields.time("until", fractionDigits: 0))
        case "permit":
            change = .permit(
                try fields.made("key", "base64 of 32 bytes", PublicKey.init(base64:)),
                count: Int(try fields.integer("count", in: 1...Int64(Self.mostPermitted))),
                until: try fields.time("until", fractionDigits: 0))
        default:
            change = .retire(try fields.node("name"))
        }
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"), change: change,
            reason: try fields.string("reason", length: 1...Self.largest),
            authors: try fields.list(
                "authors", count: 1...Envelope.mostSignatures, "a pseudonym",
                Pseudonym.init(written:)))
    }
}
