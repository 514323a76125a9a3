import InterlockModel
import InterlockPolicy
package import InterlockSchemas
package import InterlockTrust
package import InterlockTrustQueries

extension JSONSchemaType {
    /// The name of a stage.
    static let stage = JSONSchemaType.choice(AutonomyStage.allCases.map(\.name))
}

extension AgentTrustDetail: ResponseRecord {
    package static let form = ResponseSchema<AgentTrustDetail>(
        "AgentTrust",
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.agent.text },
        .init("autonomy", .whole(0...3), "Its stage, under the ceiling of the policy.") {
            $0.terms.autonomy?.number ?? 0
        },
        .init("stage", .choice(of: TrustStage.self), "By which its calls are decided.") {
            $0.terms.stage.rawValue
        },
        .init("quota_percent", .whole(1...100), "Of each stated limit.") {
            $0.terms.quotaPercent
        },
        .maybe("ceiling", .stage, "Of the policy; omitted if it holds the agent at observe.") {
            $0.status.limits.ceiling?.name
        },
        .maybe("delegation", .stage, "The ceiling of the owner; omitted without one.") {
            $0.status.limits.delegation?.name
        },
        .maybe(
            "promotion", .stage,
            "The stage of the promotion or exception in force; omitted without one."
        ) {
            $0.status.limits.promotion?.name
        },
        .maybe("demotion", .stage, "The stage that demotions left; omitted without one.") {
            $0.status.limits.demotion?.name
        },
        .init(
            "reasons", .list(.text(.passage), count: 0...16),
            "What decides the stage, in the order of the limits."
        ) { $0.status.reasons.map(\.text) },
        .maybe("expires", .text(.time), "When it falls unless people attest it again.") {
            $0.status.expires
        },
        .maybe("cooldown_until", .text(.time), "Until then no promotion counts.") {
            $0.status.cooldownEnd
        },
        .init("reading", .truth, "Whether the log is being read for `record`.") { $0.isReading },
        .init("failed", .truth, "Whether the last reading of the log failed.") { $0.hasFailed },
        .maybe("record", AgentTrustRecord.form.shape, "By the log; omitted before a reading.") {
            $0.record
        })
}

extension AgentTrustRecord: ResponseRecord {
    package static let form = ResponseSchema<AgentTrustRecord>(
        "AgentTrustRecord",
        .init("at", .text(.time), "When the log was read.") { $0.at },
        .maybe("next", .stage, "The stage that the criteria are of; omitted at the highest.") {
            $0.credit.assessment?.stage.name
        },
        .init("met", .truth, "Whether each criterion is met, and a file states them.") {
            $0.credit.isMet
        },
        .init("criteria", .list(of: CriterionResult.self, 0...32), "Of that stage.") {
            $0.credit.assessment?.results ?? []
        },
        .maybe("criteria_version", .text(.passage), "Of the file; omitted without one.") {
            $0.credit.criteria
        },
        .init("credit", .count, "Clean runs that count.") { $0.credit.count.credit },
        .init("clean", .count, "Runs.") { $0.credit.count.clean },
        .init("bad", .count, "Runs.") { $0.credit.count.bad },
        .init("empty", .count, "Runs without a result.") { $0.credit.count.empty },
        .init("open", .count, "Runs that have not ended.") { $0.credit.count.open },
        .init("not_counted", .count, "Runs.") { $0.credit.count.notCounted },
        .maybe("since", .text(.time), "The last change that took credit.") {
            $0.credit.lastChange?.time
        },
        .maybe("reset_by", .text(.passage), "That change.") { $0.credit.lastChange?.change.text },
        .init("whole", .truth, "Whether the log reaches back to the beginning.") {
            $0.credit.isWhole
        },
        .init(
            "changes", .list(of: StageEvent.self, 0...StageEvent.mostShown),
            "Of its stage, the newest first."
        ) { $0.events })
}

extension CriterionResult: ResponseRecord {
    package static let form = ResponseSchema<CriterionResult>(
        "TrustCriterion",
        .init("criterion", .choice(of: TrustCriterion.self), "Which.") { $0.criterion.rawValue },
        .init("value", .text(.passage), "A count, a rate with its bound, or why it is unknown.") {
            $0.value.text
        },
        .init("threshold", .text(.passage), "What it must be.") { $0.threshold },
        .init("met", .truth, "Unknown counts as missed.") { $0.isMet },
        .init("records", .count, "From which it was computed.") { $0.leaves.count })
}

extension StageEvent: ResponseRecord {
    package static let form = ResponseSchema<StageEvent>(
        "StageChange",
        .init(
            "kind", .choice(of: Kind.self),
            "`attested`: promoted to the stage that it had, for another time."
        ) { $0.kind.rawValue },
        .init("at", .text(.time), "When.") { $0.at },
        .init("record", .count, "The index of its record.") { $0.record },
        .maybe("from", .stage, "Omitted for a ceiling.") { $0.from?.name },
        .init("to", .stage, "The stage, or the ceiling of the owner.") { $0.to.name },
        .maybe("trigger", .choice(of: DemotionTrigger.self), "Of a demotion.") {
            $0.trigger?.rawValue
        },
        .maybe("until", .text(.time), "The end of the promotion, or of the cool-down.") {
            $0.until
        },
        .init("kept", .truth, "False if it could not be kept, and does not act.") { $0.isKept })
}
