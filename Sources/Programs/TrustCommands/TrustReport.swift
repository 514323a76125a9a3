import InterlockCommandLine
import InterlockEvals
package import InterlockModel
package import InterlockPolicy
package import InterlockPolicyCommands
package import InterlockTrust

/// The report of `interlock trust` on one agent.
package struct TrustReport: Sendable {
    let agent: AgentName
    let terms: AgentTerms
    let limits: StageLimits
    let file: CriteriaFile
    let history: RunCollector.Agent
    let count: TrustCount
    /// The causes of denials that people stated.
    let causes: [Digest: DenialCause]
    /// The end of the cool-down that is running; nil if none is.
    let cooldownEnd: Timestamp?
    /// False if the log does not reach back to the beginning: runs from before it are not counted.
    let isWhole: Bool
    /// The criteria of the next stage; nil if there is none.
    let assessment: TrustAssessment?
    private let facts: TrustFacts

    /// - Parameters:
    ///   - runs: the runs of the log, all added.
    ///   - terms: the terms under the stage that `earned` returns.
    ///   - stage: the stage at which a gateway serves the agent; nil if it is not known.
    ///   - drillEvery: how often the policy wants a drill; nil if it does not say.
    ///   - known: the facts that the log does not have.
    package init(
        of agent: AgentName, _ history: RunCollector.Agent, in runs: RunCollector,
        _ terms: AgentTerms, drillEvery: Duration?, _ file: CriteriaFile, at now: Timestamp,
        stage: AutonomyStage? = nil, known: AgentFacts = AgentFacts()
    ) {
        self.agent = agent
        self.terms = terms
        self.file = file
        self.history = history
        let limits = Self.limits(
            of: history,
            ceiling: terms.held.isEmpty ? AutonomyStage(ceilingOf: terms.written) : nil,
            file, at: now)
        let causes = history.causes
        let count = TrustCount(
            history.runs, denialsOutsideRuns: history.denialsOutsideRuns, classified: causes,
            under: file.criteria)
        self.causes = causes
        cooldownEnd = history.stage.cooldownEnd(at: now)
        self.limits = limits
        self.count = count
        isWhole = runs.isWhole
        let window = now - file.criteria.incidentWindow
        var facts = TrustFacts(
            incidents: runs.reaches(back: window) ? history.incidents : nil)
        if let drillEvery, let last = runs.lastDrill {
            let age = now - last
            // A drill of the future, after a clock was set back, proves nothing.
            facts.isDrillCurrent = age >= .zero && age <= drillEvery
            facts.leaves[.drill] = runs.lastDrillLeaf.map { [$0] } ?? []
        }
        facts.take(known, history.confirmation, at: now)
        let taken = facts
        self.facts = taken
        assessment = (stage ?? limits.effective ?? .gated).next.flatMap { next in
            TrustAssessment(of: count, taken, for: next, under: file.criteria, at: now)
        }
    }

    /// The criteria of one stage, also of the one that the agent has; nil for stage 0.
    package func assessment(
        for stage: AutonomyStage, at now: Timestamp
    ) -> TrustAssessment? {
        TrustAssessment(of: count, facts, for: stage, under: file.criteria, at: now)
    }

    /// The limits by the records of the log; without a criteria file no promotion counts.
    private static func limits(
        of history: RunCollector.Agent, ceiling: AutonomyStage?, _ file: CriteriaFile,
        at now: Timestamp
    ) -> StageLimits {
        guard file.exists else { return StageLimits(ceiling: ceiling) }
        return history.stage.limits(ceiling: ceiling, at: now)
    }

    /// The stage that an agent has by the records of the log, below every ceiling.
    package static func earned(
        by history: RunCollector.Agent, _ file: CriteriaFile, at now: Timestamp
    ) -> AutonomyStage {
        limits(of: history, ceiling: .full, file, at: now).effective ?? .gated
    }

    /// True if every criterion of the next stage is met, and a criteria file states them.
    package var isMet: Bool {
        file.exists && cooldownEnd == nil && assessment?.isMet ?? false
    }

    /// The agent that the report is about.
    package var subject: AgentName { agent }

    /// The content of the report, as a value for pages.
    package var credit: AgentCredit {
        AgentCredit(
            count: count, assessment: assessment, lastChange: history.lastChange,
            isWhole: isWhole, criteria: file.exists ? file.criteria.version : nil)
    }

    /// The records that `explanation` names.
    package var namedRecords: Int {
        leaves.count + (history.lastChange == nil ? 0 : 1) + history.stage.entries.count
            + history.classifications.count * 2 + history.denialAlarms.count
            + (assessment?.results ?? []).reduce(0) { $0 + $1.leaves.count }
    }

    /// The most runs that an explanation lists, and the most leaf hashes of a criterion.
    static let most = 1_000

    var badRuns: [RunFacts] {
        Array(history.runs.filter { $0.runClass(classified: causes) == .bad }.suffix(Self.most))
    }

    private var leaves: [Digest] {
        badRuns.flatMap { run in
            run.flaws(classified: causes).prefix(Self.most).map(\.leaf)
        }
    }
}

// The report for people.
extension TrustReport {
    private var stageText: String {
        guard let stage = limits.effective else { return "observe, every call is denied" }
        return "stage \(stage.rawValue) \(stage.name)"
    }

    /// The numbers of the file that admit more than the defaults.
    var loosened: [String] {
        file.criteria.loosened(from: .standard).map(\.text)
    }

    var stepText: String {
        guard limits.effective != nil else {
            return "complete the agent in the policy: \(terms.stageText)"
        }
        guard let assessment else { return "none: it has the highest stage" }
        if !file.exists { return "write `\(file.path)`: without it no agent rises" }
        if let cooldownEnd {
            return "none before \(cooldownEnd.rfc3339(fractionDigits: 0)), the end of the cool-down"
        }
        if assessment.isMet {
            return "interlock trust propose \(agent) --to \(assessment.stage.name)"
        }
        return "not before these are met: "
            + assessment.missed.map(\.rawValue).joined(separator: ", ")
    }

    private var creditText: String {
        var text =
            "\(count.credit) of \(count.clean) clean runs; \(count.bad) bad, \(count.empty) without a result, "
            + "\(count.open) open, \(count.notCounted) not counted"
        if let last = history.lastChange {
            text += "; since \(last.time.rfc3339(fractionDigits: 0)), when \(last.change.text)"
        }
        return text
    }

    /// Lines without line ends.
    package var lines: [String] {
        var lines = [
            "\(agent): \(stageText), \(terms.quotaPercent) % of the limits, decided as \(terms.stage.rawValue)",
            Self.line("ceiling", limits.ceiling?.name ?? "observe, by the policy"),
            Self.line("delegation", limits.delegation?.name ?? "none"),
            Self.line("promotion", promotionText),
            Self.line("demotions", demotionText),
            Self.line("credit", creditText + (isWhole ? "" : "; earlier records are not here")),
            Self.line(
                "criteria",
                file.exists
                    ? "\(file.path), version \(file.criteria.version), as on disk; its sign-off is not checked here"
                    : "none at \(file.path): beside the defaults"),
        ]
        lines.append(Self.line("denials", sumText))
        if !loosened.isEmpty {
            lines.append(Self.line("loosened", loosened.joined(separator: "; ")))
        }
        if let assessment {
            let met = assessment.results.count(where: \.isMet)
            lines.append(
                Self.line(
                    "next stage",
                    "\(assessment.stage.name): \(met) of \(assessment.results.count) criteria met"))
            for result in assessment.results {
                lines.append(
                    "  \(result.isMet ? "met   " : "missed") \(result.criterion.rawValue.padded(to: 19))"
                        + " \(result.value.text); \(result.threshold)")
            }
        }
        lines.append(
            Self.line(
                "resets",
                "another model, other files or pins, a policy that is not narrower or equal, and a demotion; other skills alone halve it"
            )
        )
        lines.append(Self.line("next step", stepText))
        return lines.map { TerminalEscaping.shown($0) }
    }

    private var promotionText: String {
        guard let last = history.stage.promotion, let until = last.until else {
            return isWhole
                ? "none on record, so the stage is 0"
                : "none in the records that are here, so the stage is 0 by them"
        }
        guard file.exists else { return "none counts without criteria" }
        return "\(last.to.name) since \(last.at.rfc3339(fractionDigits: 0)), ends "
            + until.rfc3339(fractionDigits: 0)
    }

    private var demotionText: String {
        guard let last = history.stage.entries.last(where: { $0.kind == .demoted }) else {
            return "none on record"
        }
        let text =
            "to \(last.to.name) at \(last.at.rfc3339(fractionDigits: 0)), \(last.code ?? "unknown")"
        guard let cooldownEnd else { return text }
        return text + ", cool-down until \(cooldownEnd.rfc3339(fractionDigits: 0))"
    }

    private var sumText: String {
        "cumulative sum \(RateText.decimal(Double(history.cusum.sum) / 1_000, digits: 3)) of "
            + "\(DenialCusum.limit / 1_000) deviations; \(history.denialAlarmCount) alarms"
    }

    /// The changes of the stage, the newest first; at most `StageEvent.mostShown`.
    package var events: [StageEvent] {
        history.stage.events.suffix(StageEvent.mostShown).reversed()
    }

    /// `lines`, and the records that they rest on.
    package var explanation: [String] {
        var lines = self.lines
        if let last = history.lastChange {
            lines.append(Self.line("reset by", "\(last.leaf.base64), \(last.change.text)"))
        }
        for incident in history.incidents {
            lines.append(
                Self.line(
                    "incident",
                    "\(incident.leaf.base64), severity \(incident.severity), \(incident.time.rfc3339(fractionDigits: 0))"
                ))
        }
        for run in badRuns {
            for flaw in run.flaws(classified: causes).prefix(Self.most) {
                lines.append(
                    Self.line(
                        "bad run",
                        TerminalEscaping.shown(
                            "\(run.run), \(flaw.kind.rawValue), \(flaw.leaf.base64)")))
            }
        }
        for denial in history.denialsOutsideRuns.suffix(Self.most) {
            lines.append(Self.line("denial", "\(denial.base64), outside of runs"))
        }
        return lines + historyLines
    }

    private var historyLines: [String] {
        var lines: [String] = []
        for (denial, stated) in classified {
            lines.append(
                Self.line(
                    "classified",
                    TerminalEscaping.shown(
                        "\(denial.base64) as \(stated.cause.rawValue) by \(stated.by), \(stated.leaf.base64)"
                    )))
        }
        for alarm in history.denialAlarms {
            lines.append(
                Self.line(
                    "alarm", "\(alarm.leaf.base64), \(alarm.time.rfc3339(fractionDigits: 0))"))
        }
        for entry in history.stage.entries.suffix(Self.most) {
            let code = entry.code.map { ", \($0)" } ?? ""
            lines.append(
                Self.line(
                    entry.kind.word,
                    TerminalEscaping.shown(
                        "to \(entry.to.name), \(entry.at.rfc3339(fractionDigits: 0))\(code), \(entry.leaf.base64)"
                    )))
        }
        return lines
    }

    /// The denials whose cause was stated, the earliest statement first.
    var classified: [(denial: Digest, stated: RecordedCause)] {
        history.classifications.map { (denial: $0.key, stated: $0.value) }
            .sorted { ($0.stated.time, $0.denial.base64) < ($1.stated.time, $1.denial.base64) }
    }

    private static func line(_ name: String, _ text: String) -> String {
        "  \(name.padded(to: 11)) \(text)"
    }
}

extension StageEvent.Kind {
    /// The word of the commands, which have one for promotions to another stage and to the same.
    var word: String { self == .attested ? Self.promoted.rawValue : rawValue }
}
