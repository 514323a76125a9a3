import InterlockJSON
package import InterlockModel

/// The decision that asked for people.
package struct ReviewedDecision: Hashable, Sendable {
    /// Distinct people needed, 1 to 9.
    package let quorum: Int
    /// What the policy asks for, where break-glass lowered it to `quorum`.
    package let loweredFrom: Int?
    package let group: String
    package let tier: Tier
    /// The id of the deciding rule.
    package let rule: String
    /// `file:line:column`, where the rule has a place.
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

    /// The people that the policy asks for, whatever was lowered.
    package var asked: Int { loweredFrom ?? quorum }

    /// The same with a quorum of one.
    ///
    /// - Returns: nil when one is all that is asked for: nothing can be lowered, and never to 0.
    package var lowered: ReviewedDecision? {
        guard quorum >= 2 else { return nil }
        return ReviewedDecision(
            quorum: 1, group: group, tier: tier, rule: rule, place: place, effects: effects,
            loweredFrom: quorum)
    }

    /// How many votes release a call of which the policy asks for `quorum` people now. What was lowered
    /// stays so until more is asked for than was lowered.
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
            quorum: quorum,
            group: try fields.string("group"),
            tier: try fields.made("tier", "a tier") { Tier(rawValue: $0) },
            rule: try fields.string("rule", length: 1...1024),
            place: fields.has("place") ? try fields.string("place", length: 1...4096) : nil,
            effects: effects.reduce(into: EffectSet(rawValue: 0)) {
                $0.formUnion(EffectSet($1))
            }, loweredFrom: loweredFrom)
    }
}
