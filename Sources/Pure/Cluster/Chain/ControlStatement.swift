package import InterlockJSON
package import InterlockModel

/// The change that one entry makes. A widening change cannot be made without statements of people, and a narrowing one
/// cannot widen.
package enum EntryContent: Hashable, Sendable {
    case genesis(Genesis)
    case widening(WideningKind, PeopleStatements)
    case narrowing(NarrowingChange)

    package var kind: EntryKind {
        switch self {
        case .genesis: .genesis
        case .widening(let kind, _): .widening(kind)
        case .narrowing(let change): .narrowing(change.kind)
        }
    }

    /// The thing that the entry is about; nil for one that widens, whose statements say so once they are verified.
    package var subject: String? {
        switch self {
        case .genesis: Genesis.subject
        case .widening: nil
        case .narrowing(let change): change.subject
        }
    }
}

/// The signed statements that an entry which widens carries, at least one. None of their signatures is verified.
package struct PeopleStatements: Hashable, Sendable {
    package let envelopes: [Envelope]

    /// - Returns: nil without envelopes, or with more than 16.
    package init?(_ envelopes: [Envelope]) {
        guard EntryLimits.orders.contains(envelopes.count) else { return nil }
        self.envelopes = envelopes
    }
}

/// The statement that a node signs for each entry: DSSE with the payload type
/// `application/vnd.interlock.control+json`, in the RFC 8785 form.
///
/// ```json
/// {"at":"2026-11-30T10:04:05.123456Z","kind":"end","node":"gw1","orders":[{"request":"01kag0..."}],"org":"acme","v":1}
/// ```
/// `orders` has the envelopes of people for a kind that widens, and one object for each other kind.
package struct ControlStatement: Hashable, Sendable {
    package let org: String
    /// The time at the node, to the microsecond.
    package let at: Timestamp
    package let node: NodeName
    package let content: EntryContent

    package init(org: String, at: Timestamp, node: NodeName, content: EntryContent) {
        self.org = org
        self.at = at
        self.node = node
        self.content = content
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "at": .string(at.rfc3339()), "kind": .string(content.kind.text),
            "node": .string(node.text), "org": .string(org), "v": 1,
        ]
        switch content {
        case .genesis(let genesis): object["orders"] = .array([genesis.json])
        case .widening(_, let statements):
            object["orders"] = .array(statements.envelopes.map(\.json))
        case .narrowing(let change): object["orders"] = .array([change.json])
        }
        return .object(object)
    }

    /// The bytes that the node signs.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// Returns the kind that a statement names, also if this program does not know it; nil unless the statement is in
    /// canonical form and names one.
    static func kindText(in payload: [UInt8], limit: Int) -> String? {
        (try? StrictFields.canonicalValue(payload, limit: limit))?["kind"]?.string
    }

    package init(parsing payload: [UInt8], limit: Int = EntryLimits.body) throws(FormError) {
        let value = try StrictFields.canonicalValue(payload, limit: limit)
        let kind = value["kind"]?.string.flatMap { EntryKind(text: $0) }
        let fields = try StrictFields(
            value, required: ["at", "kind", "node", "orders", "org", "v"])
        try fields.expectVersion1()
        org = try fields.string("org")
        at = try fields.time("at", fractionDigits: 6)
        node = try fields.node("node")
        guard let kind else { throw fields.bad("kind", "a known kind") }
        let orders = try fields.array("orders", count: EntryLimits.orders)
        switch kind {
        case .genesis:
            guard orders.count == 1 else { throw fields.bad("orders", "a list of one") }
            content = .genesis(try Genesis(orders[0], org: org))
        case .narrowing(let kind):
            guard orders.count == 1 else { throw fields.bad("orders", "a list of one") }
            content = .narrowing(try NarrowingChange(kind, orders[0]))
        case .widening(let kind):
            var envelopes: [Envelope] = []
            for (index, order) in orders.enumerated() {
                envelopes.append(try Envelope(json: order, at: "orders[\(index)]"))
            }
            guard let statements = PeopleStatements(envelopes) else {
                throw fields.bad("orders", "statements of people")
            }
            content = .widening(kind, statements)
        }
    }
}
