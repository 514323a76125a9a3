import InterlockCommandLine
import InterlockEvals
package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockTrust

/// The report of `interlock trust` on one agent.
package struct TrustReport: Sendable {
    private let agent: AgentName
    private let terms: AgentTerms
    private let limits: StageLimits
    private let file: CriteriaFile
    private let history: RunCollector.Agent
    private let count: TrustCount
    /// False if the log does not reach back to the beginning: runs from before it are not counted.
    private let isWhole: Bool
    /// The criteria of the next stage; nil if there is none.
    private let assessment: TrustAssessment?

    /// - Parameters:
    ///   - runs: the runs of the log, all added.
    ///   - terms: the terms without a trust record, under which this version serves every agent.
    ///   - stage: the stage at which a gateway serves the agent; nil if it is not known.
    ///   - drillEvery: how often the policy wants a drill; nil if it does not say.
    package init(
        of agent: AgentName, _ history: RunCollector.Agent, in runs: RunCollector,
        _ terms: AgentTerms, drillEvery: Duration?, _ file: CriteriaFile, at now: Timestamp,
        stage: AutonomyStage? = nil
    ) {
        self.agent = agent
        self.terms = terms
        self.file = file
        self.history = history
        let limits = StageLimits(
            ceiling: terms.held.isEmpty ? AutonomyStage(ceilingOf: terms.written) : nil)
        let count = TrustCount(
            history.runs, denialsOutsideRuns: history.denialsOutsideRuns,
            under: file.criteria)
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
        }
        let known = facts
        assessment = (stage ?? limits.effective ?? .gated).next.flatMap { next in
            TrustAssessment(of: count, known, for: next, under: file.criteria, at: now)
        }
    }

    /// True if every criterion of the next stage is met, and a criteria file states them.
    package var isMet: Bool { file.exists && assessment?.isMet ?? false }

    /// The agent that the report is about.
    package var subject: AgentName { agent }

    /// What the report has, as a value for pages.
    package var credit: AgentCredit {
        AgentCredit(
            count: count, assessment: assessment, lastChange: history.lastChange,
            isWhole: isWhole, criteria: file.exists ? file.criteria.version : nil)
    }

    /// The records that `explanation` names.
    package var namedRecords: Int {
        leaves.count + (history.lastChange == nil ? 0 : 1)
            + (assessment?.results ?? []).reduce(0) { $0 + $1.leaves.count }
    }

    /// The most runs that an explanation lists, and the most leaf hashes of a criterion.
    private static let most = 1_000

    private var badRuns: [RunFacts] {
        Array(history.runs.filter { $0.runClass() == .bad }.suffix(Self.most))
    }

    private var leaves: [Digest] {
        badRuns.flatMap { run in run.flaws.prefix(Self.most).map(\.leaf) }
    }
}

// The report for people.
extension TrustReport {
    private var stageText: String {
        guard let stage = limits.effective else { return "observe, every call is denied" }
        return "stage \(stage.rawValue) \(stage.name)"
    }

    /// The numbers of the file that admit more than the defaults.
    private var loosened: [String] {
        file.criteria.loosened(from: .standard).map(\.text)
    }

    private var stepText: String {
        guard limits.effective != nil else {
            return "complete the agent in the policy: \(terms.stageText)"
        }
        guard let assessment else { return "none: it has the highest stage" }
        if !file.exists { return "write `\(file.path)`: without it no agent rises" }
        if assessment.isMet { return "promotion, which this version does not have" }
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
            Self.line("delegation", "none: this version records none"),
            Self.line("promotion", "none: this version records none, so the stage is 0"),
            Self.line("demotions", "none: this version records none"),
            Self.line("credit", creditText + (isWhole ? "" : "; earlier records are not here")),
            Self.line(
                "criteria",
                file.exists
                    ? "\(file.path), version \(file.criteria.version), as on disk; its sign-off is not checked here"
                    : "none at \(file.path): beside the defaults"),
        ]
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
                "other files or pins, another tool, and a policy that is not narrower or equal")
        )
        lines.append(Self.line("next step", stepText))
        return lines.map { TerminalEscaping.shown($0) }
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
            for flaw in run.flaws.prefix(Self.most) {
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
        return lines
    }

    private static func line(_ name: String, _ text: String) -> String {
        "  \(name.padded(to: 11)) \(text)"
    }
}

// The report for programs.
extension TrustReport {
    /// - Parameter explains: adds the leaf hashes of each criterion and the bad runs.
    package func json(explains: Bool) -> JSONValue {
        var object = JSONObject()
        object["agent"] = .string(agent.text)
        if let stage = limits.effective { object["stage"] = .integer(Int64(stage.rawValue)) }
        object["column"] = .string(terms.stage.rawValue)
        object["quota"] = .integer(terms.quotaPercent)
        object["ceiling"] = .string(limits.ceiling?.name ?? "observe")
        object["credit"] = .integer(Int64(count.credit))
        object["runs"] = .object(runs)
        object["whole"] = .bool(isWhole)
        if let last = history.lastChange {
            object["since"] = .string(last.time.rfc3339(fractionDigits: 0))
            object["reset_by"] = .string(last.change.text)
        }
        object["criteria"] = .object(criteria)
        if let assessment { object["next"] = .string(assessment.stage.name) }
        object["met"] = .bool(isMet)
        object["next_step"] = .string(stepText)
        object["values"] = .array(
            (assessment?.results ?? []).map { Self.json($0, explains: explains) })
        if explains { object["bad_runs"] = .array(badRuns.map { Self.json($0) }) }
        return .object(object)
    }

    private var runs: JSONObject {
        var object = JSONObject()
        object["clean"] = .integer(Int64(count.clean))
        object["bad"] = .integer(Int64(count.bad))
        object["empty"] = .integer(Int64(count.empty))
        object["open"] = .integer(Int64(count.open))
        object["not_counted"] = .integer(Int64(count.notCounted))
        return object
    }

    private var criteria: JSONObject {
        var object = JSONObject()
        object["path"] = .string(file.path)
        object["exists"] = .bool(file.exists)
        object["version"] = .string(file.criteria.version)
        if let digest = file.digest { object["digest"] = .string(digest) }
        object["loosened"] = .array(loosened.map { .string($0) })
        return object
    }

    private static func json(_ run: RunFacts) -> JSONValue {
        let flaws = run.flaws.prefix(most).map { flaw -> JSONValue in
            ["kind": .string(flaw.kind.rawValue), "leaf": .string(flaw.leaf.base64)]
        }
        return ["run": .string(run.run), "flaws": .array(flaws)]
    }

    private static func json(_ result: CriterionResult, explains: Bool) -> JSONValue {
        var object: JSONObject = [
            "criterion": .string(result.criterion.rawValue), "value": .string(result.value.text),
            "threshold": .string(result.threshold), "met": .bool(result.isMet),
            "records": .integer(Int64(result.leaves.count)),
        ]
        if case .rate(let rate, let interval) = result.value {
            object["cases"] = .integer(Int64(rate.passes))
            object["of"] = .integer(Int64(rate.total))
            object["upper"] = .string(rateText(interval.upperBound(rate)))
        }
        if explains {
            object["leaves"] = .array(result.leaves.suffix(most).map { .string($0.base64) })
        }
        return .object(object)
    }

    private static func rateText(_ rate: Double) -> String {
        RateText.decimal(rate, digits: 5)
    }
}
