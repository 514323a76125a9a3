import InterlockJSON
package import InterlockModel

/// The content of the first entry: what the cluster starts from. New nodes get the digest of the entry by hand.
package struct Genesis: Hashable, Sendable {
    package let people: AuthorizedKeys
    /// The node that made the entry.
    package let node: MemberKeys
    /// The policy revision in force; nil if none is.
    package let revision: Digest?
    /// True if the store has a synchronous standby. Each posture report says so if it has none.
    package let hasStandby: Bool
    /// The order of people that founds the cluster (`MemberOrder.Change.found`). Is nil if no person signed: the digest that
    /// new nodes are given is what they trust.
    package let order: Envelope?

    package init(
        people: AuthorizedKeys, node: MemberKeys, revision: Digest?, hasStandby: Bool,
        order: Envelope? = nil
    ) {
        self.people = people
        self.node = node
        self.revision = revision
        self.hasStandby = hasStandby
        self.order = order
    }

    /// SHA-256 of the canonical content without the order, which names it.
    package func digest(hashing: any Hashing) throws(FormError) -> Digest {
        do { return hashing.sha256(try JSONValue.object(content).canonical()) } catch {
            throw .json(error)
        }
    }

    /// Verifies the order by the people who are stated here.
    ///
    /// - Throws: the refusal; none without an order.
    func verifyOrder(at time: Timestamp, _ verifier: any EntryVerifier) throws(OrderRefusal) {
        guard let order else { return }
        let people = SignedOrderVerifier(
            trust: people, verifier: verifier.signatures, passkeys: verifier.passkeys(of: people))
        let change = try people.verify(order, as: MemberOrder.self, .again(time)).order.change
        let digest: Digest
        do throws(FormError) { digest = try self.digest(hashing: verifier.hashing) } catch {
            throw .form(error)
        }
        guard change == .found(node, genesis: digest, hasStandby: hasStandby) else {
            throw .otherKind
        }
    }

    package static let subject = "genesis"

    static func text(hasStandby: Bool) -> String { hasStandby ? "synchronous" : "none" }

    private var content: JSONObject {
        var object: JSONObject = [
            "node": .object(node.json), "people": people.json,
            "standby": .string(Self.text(hasStandby: hasStandby)),
        ]
        if let revision { object["revision"] = .string(revision.prefixed) }
        return object
    }

    var json: JSONValue {
        var object = content
        object["order"] = order?.json
        return .object(object)
    }

    init(_ json: JSONValue, org: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: "orders[0]", required: ["node", "people", "standby"],
            optional: ["order", "revision"])
        node = try MemberKeys(
            try StrictFields(
                try fields.value("node"), at: "orders[0].node", required: MemberKeys.members))
        people = try AuthorizedKeys(parsing: try fields.value("people").serialized())
        guard sameBytes(people.org, org) else {
            throw .badMember("orders[0].people", "of the same organisation")
        }
        hasStandby = try fields.hasStandby("standby")
        revision = fields.has("revision") ? try fields.digest("revision") : nil
        order =
            fields.has("order")
            ? try Envelope(json: try fields.value("order"), at: "orders[0].order") : nil
    }
}

extension StrictFields {
    func hasStandby(_ key: String) throws(FormError) -> Bool {
        try made(key, "`synchronous` or `none`") { text -> Bool? in
            switch text {
            case "synchronous": true
            case "none": false
            default: nil
            }
        }
    }
}
