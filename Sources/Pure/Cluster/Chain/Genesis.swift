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

    package init(
        people: AuthorizedKeys, node: MemberKeys, revision: Digest?, hasStandby: Bool
    ) {
        self.people = people
        self.node = node
        self.revision = revision
        self.hasStandby = hasStandby
    }

    package static let subject = "genesis"

    var json: JSONValue {
        var object: JSONObject = [
            "node": .object(node.json), "people": people.json,
            "standby": .string(hasStandby ? "synchronous" : "none"),
        ]
        if let revision { object["revision"] = .string(revision.prefixed) }
        return .object(object)
    }

    init(_ json: JSONValue, org: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: "orders[0]", required: ["node", "people", "standby"],
            optional: ["revision"])
        node = try MemberKeys(
            try StrictFields(
                try fields.value("node"), at: "orders[0].node", required: MemberKeys.members))
        people = try AuthorizedKeys(parsing: try fields.value("people").serialized())
        guard sameBytes(people.org, org) else {
            throw .badMember("orders[0].people", "of the same organisation")
        }
        hasStandby = try fields.made("standby", "`synchronous` or `none`") { text -> Bool? in
            switch text {
            case "synchronous": return true
            case "none": return false
            default: return nil
            }
        }
        revision = fields.has("revision") ? try fields.digest("revision") : nil
    }
}
