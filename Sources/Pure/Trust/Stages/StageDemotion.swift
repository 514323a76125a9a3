package import InterlockJSON
package import InterlockModel

/// The loss of autonomy of one agent, by the machine (docs/specs/trust-and-review.md, section 6).
package struct StageDemotion: Sendable, Hashable {
    package let trigger: DemotionTrigger
    package let from: AutonomyStage
    package let to: AutonomyStage
    package let at: Timestamp
    /// The time before which no promotion counts, unless two people undo the demotion.
    package let cooldownEnd: Timestamp
    /// The digest of the order, result or record that caused it, which counts once; nil without one.
    package let cause: Digest?

    /// The demotion of an agent at this stage.
    package init(
        _ trigger: DemotionTrigger, from stage: AutonomyStage, cause: Digest? = nil,
        at now: Timestamp, under criteria: TrustCriteria
    ) {
        self.init(
            trigger, from: stage, to: trigger.target(from: stage), cause: cause, at: now,
            under: criteria)
    }

    /// - Parameter target: at most `stage`.
    init(
        _ trigger: DemotionTrigger, from stage: AutonomyStage, to target: AutonomyStage,
        cause: Digest?, at now: Timestamp, under criteria: TrustCriteria
    ) {
        self.trigger = trigger
        from = stage
        to = min(stage, target)
        self.cause = cause
        at = now
        cooldownEnd = now + trigger.cooldown(under: criteria)
    }

    /// The demotion of a record. The cool-down does not end before it begins.
    init(
        _ trigger: DemotionTrigger, from stage: AutonomyStage, to target: AutonomyStage,
        at time: Timestamp, cooldownEnd end: Timestamp, cause: Digest?
    ) {
        self.trigger = trigger
        from = stage
        to = target
        at = min(time, end)
        cooldownEnd = end
        self.cause = cause
    }

    /// - Parameter value: the body of its entry in the control log.
    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: ["at", "code", "from", "to", "until"], optional: ["cause"])
        trigger = try fields.made("code", "the code of a trigger") {
            DemotionTrigger(rawValue: $0)
        }
        from = try fields.made("from", "a stage", AutonomyStage.init(name:))
        to = try fields.made("to", "a stage", AutonomyStage.init(name:))
        at = try fields.time("at", fractionDigits: 6)
        cooldownEnd = try fields.time("until", fractionDigits: 6)
        cause =
            fields.has("cause")
            ? try fields.made("cause", "a digest", Digest.init(prefixed:)) : nil
        guard to <= from else { throw fields.bad("to", "not above `from`") }
        guard at <= cooldownEnd else { throw fields.bad("until", "not before `at`") }
    }

    /// The body of its entry in the control log.
    package var json: JSONObject {
        var object: JSONObject = [
            "at": .string(at.rfc3339()), "code": .string(trigger.rawValue),
            "from": .string(from.name), "to": .string(to.name),
            "until": .string(cooldownEnd.rfc3339()),
        ]
        object["cause"] = cause.map { .string($0.prefixed) }
        return object
    }
}
