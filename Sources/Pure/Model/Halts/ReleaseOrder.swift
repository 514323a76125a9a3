package import InterlockJSON

/// A signed order that ends one or more halts (docs/specs/kill-switch.md, section 8). It needs as many signers as
/// `AuthorizedKeys.releaseQuorum` states.
package struct ReleaseOrder: SignedOrder {
    package typealias Refusal = OrderRefusal
    package static let payloadType = PayloadType.release
    package static let largest = OrderLimits.bytes
    package static let takesPasskeys = true

    package let id: OrderID
    package let org: String
    package let halts: [OrderID]
    /// The epoch that the signers saw. A halt of overlapping scope that arrived later invalidates the release.
    package let afterEpoch: Int64
    package let reason: String
    /// The people who are asked to sign. Each signer must be one of them.
    package let authors: [Pseudonym]

    package init(
        id: OrderID, org: String, halts: [OrderID], afterEpoch: Int64, reason: String,
        authors: [Pseudonym]
    ) throws(FormError) {
        guard isFitReason(reason) else { throw .badMember("reason", fitReason) }
        guard (1...OrderLimits.halts).contains(halts.count), Set(halts).count == halts.count else {
            throw .badMember("halts", "1 to \(OrderLimits.halts) distinct halts")
        }
        guard (1...Envelope.mostSignatures).contains(authors.count),
            Set(authors).count == authors.count
        else { throw .badMember("authors", "1 to \(Envelope.mostSignatures) distinct people") }
        guard (0...JSONValue.largestInteger).contains(afterEpoch) else {
            throw .badMember("after_epoch", "an epoch")
        }
        self.id = id
        self.org = org
        self.halts = halts
        self.afterEpoch = afterEpoch
        self.reason = reason
        self.authors = authors
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "release", "id": .string(id.text), "org": .string(org),
            "halts": .array(halts.map { .string($0.text) }), "after_epoch": .integer(afterEpoch),
            "reason": .string(reason), "authors": .array(authors.map { .string($0.text) }),
        ]
    }

    package static func quorum(_ trust: AuthorizedKeys) -> Int? { trust.releaseQuorum }

    package func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.contains(.resume) ? nil : .resume
    }

    /// Returns nil: `afterEpoch` invalidates a release that a later halt overtook.
    package func staleness(at now: Timestamp) -> Refusal? { nil }

    package static func members(of statement: JSONValue) -> [String] {
        ["halts", "after_epoch", "authors"]
    }

    package init(_ fields: StrictFields) throws(FormError) {
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"),
            halts: try fields.list("halts", count: 1...OrderLimits.halts, "an order's id") {
                OrderID($0)
            },
            afterEpoch: try fields.integer("after_epoch", in: 0...JSONValue.largestInteger),
            reason: try fields.string("reason", length: 1...OrderLimits.bytes),
            authors: try fields.list(
                "authors", count: 1...Envelope.mostSignatures, "a pseudonym",
                Pseudonym.init(written:)))
    }
}
