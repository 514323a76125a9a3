import InterlockJSON
package import InterlockModel

/// The policy's decision that requires approval.
package struct ReviewedDecision: Hashable, Sendable {
    /// The number of distinct approvers required, 1 to 9.
    package let quorum: Int
    /// The quorum of the policy, if break-glass lowered it to `quorum`.
    package let loweredFrom: Int?
    package let group: String
    package let tier: Tier
    /// The id of the deciding rule.
    package let rule: String
    /// `file:line:column`, if the rule has a location.
    package let place: String?
    package let effects: EffectSet

    package init(
        quorum: Int, group: String, tier: Tier, rule: String, place: String?, effects: EffectSet,
        loweredFrom: Int? = nil
    ) {
        self.quorum = quorum
        self.loweredFrom = loweredFrom
        self.group = group
        self.tier = tier
        self.rule = rule
        self.place = place
        self.effects = effects
    }

    package static let quorums: ClosedRange<Int64> = 1...9

    /// The quorum of the policy, before any lowering.
    package var asked: Int { loweredFrom ?? quorum }

    /// A copy with a quorum of one.
    ///
    /// - Returns: nil if the quorum is already one; it is never lowered to 0.
    package var lowered: ReviewedDecision? {
        guard quorum >= 2 else { return nil }
        return ReviewedDecision(
            quorum: 1, group: group, tier: tier, rule: rule, place: place, effects: effects,
            loweredFrom: quorum)
    }

    /// The number of votes that release a call for which the policy now requires `quorum` people. A lowering remains
    /// valid until the policy requires more people than it did then.
    func needed(when quorum: Int) -> Int { loweredFrom.map { quorum <= $0 } == true ? 1 : quorum }

    var json: JSONValue {
        var object: JSONObject = [
            "verdict": "approve", "quorum": .integer(Int64(quorum)), "group": .string(group),
            "tier": .string(tier.rawValue), "rule": .string(rule),
            "effects": .array(effects.effects.map { .string($0.name) }),
        ]
        if let place { object["place"] = .string(place) }
        if let loweredFrom { object["lowered_from"] = .integer(Int64(loweredFrom)) }
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "review.decision",
            required: ["verdict", "quorum", "group", "tier", "rule", "effects"],
            optional: ["place", "lowered_from"])
        try fields.expect("verdict", "approve")
        let effects = try fields.list(
            "effects", count: 0...Effect.allCases.count, "an effect", Effect.init(name:))
        let quorum = Int(try fields.integer("quorum", in: ReviewedDecision.quorums))
        var loweredFrom: Int?
        if fields.has("lowered_from") {
            loweredFrom = Int(
                try fields.integer("lowered_from", in: 2...ReviewedDecision.quorums.upperBound))
            guard quorum == 1 else { throw fields.bad("quorum", "1, where it was lowered") }
        }
        self.init(
            quorum: quorum, group: try fields.string("group"),
            tier: try fields.made("tier", "a tier") { Tier(rawValue: $0) },
            rule: try fields.string("rule", length: 1...1024),
            place: fields.has("place") ? try fields.string("place", length: 1...4096) : nil,
            effects: effects.reduce(into: EffectSet(rawValue: 0)) { $0.formUnion(EffectSet($1)) },
            loweredFrom: loweredFrom)
    }
}
