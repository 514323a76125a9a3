package import InterlockChangeGate
package import InterlockEvals
import InterlockModel
package import InterlockSchemas

extension AgentEvalListing: ResponseRecord {
    package static let form = ResponseSchema<AgentEvalListing>(
        "AgentEvalPage",
        .init(
            "agents", .list(of: AgentEvalSummary.self, 0...pageSize),
            "Of this page, those that need action first."
        ) { $0.lines },
        .init("page", .whole(1...1_000_000), "Which this is.") { $0.page },
        .init("pages", .whole(1...1_000_000), "How many there are.") { $0.pages },
        .init("count", .count, "Agents on all of them.") { $0.count },
        .init("refused", .count, "Agents in sight that are refused, whatever the filter.") {
            $0.counts[.refused] ?? 0
        },
        .init("ending", .count, "Agents in sight that will be refused soon.") {
            $0.counts[.ending] ?? 0
        },
        .maybe(
            "refuses_missing_from", .text(.time),
            "The end of the time after an upgrade in which a missing result is only named."
        ) { $0.refusesMissingFrom })
}

extension AgentEvalSummary: ResponseRecord {
    package static let form = ResponseSchema<AgentEvalSummary>(
        "AgentEvalLine",
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.agent.text },
        .maybe("owner", .text(.plain(1...254)), "Who answers for it.") { $0.owner?.address },
        .init("tier", .choice(of: Tier.self), "Its risk.") { $0.tier.rawValue },
        .init(
            "state", .choice(of: GateOutlook.State.self),
            "`ending`: it will be refused soon. `observed`: it is at stage observe."
        ) { $0.outlook.state.rawValue },
        .init("gate", .choice(of: EvalFact.self), "The verdict on a run whose proof suffices.") {
            $0.fact.rawValue
        },
        .init("proof", .choice(of: FingerprintProof.self), "The least that a run needs.") {
            $0.proof.rawValue
        },
        .maybe("until", .text(.time), "From then on it is refused if nothing changes.") {
            $0.outlook.until
        },
        .init("excepted", .truth, "Whether two people let it work without a result.") {
            $0.isExcepted
        },
        .maybe("latest", EvalResultSummary.form.shape, "Its latest result.") { $0.latest },
        .maybe("next", .text(.plain(1...512)), "The command that leads to a result.") { $0.next })
}

extension EvalResultSummary: ResponseRecord {
    package static let form = ResponseSchema<EvalResultSummary>(
        "EvalResult",
        .init("fingerprint", .text(.digest), "Of the agent that was tested.") {
            $0.result.fingerprint.prefixed
        },
        .init("verdict", .choice(of: EvalVerdict.self), "Of the run.") {
            $0.result.verdict.rawValue
        },
        .init("gate", .choice(of: EvalFact.self), "What the gate makes of it now.") {
            $0.fact.rawValue
        },
        .init(
            "differs", .list(.choice(of: FingerprintPart.self), count: 0...5),
            "The parts in which the agent now differs."
        ) { $0.differences.map(\.rawValue) },
        .init("ended", .text(.time), "When the run ended.") { $0.result.ended },
        .init("expires", .text(.time), "When it is too old for the tier.") { $0.expires },
        .init("partial", .truth, "Whether cases were left out, so that it never counts.") {
            $0.result.isPartial
        },
        .init("proof", .choice(of: FingerprintProof.self), "How the runner knew the parts.") {
            $0.result.proof.rawValue
        },
        .init("suite", .text(.digest), "Of the suite.") { $0.result.suite.prefixed },
        .init("runner", .text(.plain(1...64)), "The program that made it.") { $0.result.runner },
        .init("flags", .list(.text(.plain(3...3)), count: 0...32), "Of the suite, as `T03`.") {
            $0.result.flags
        },
        .init("classes", .list(of: EvalResult.ClassCount.self, 0...16), "Cases by class.") {
            $0.result.classes
        },
        .init("tools", EvalResult.Coverage.form.shape, "The tools that its cases touch.") {
            $0.result.coverage
        },
        .init("safety", EvalResult.Safety.form.shape, "The cases that must all pass.") {
            $0.result.safety
        },
        .init("utility", EvalResult.Utility.form.shape, "The cases of what the agent is for.") {
            $0.result.utility
        })
}

extension EvalResult.ClassCount: ResponseRecord {
    package static let form = ResponseSchema<EvalResult.ClassCount>(
        "EvalClassCount",
        .init("class", .text(.plain(1...256)), "Of cases.") { $0.name },
        .init("cases", .count, "Of it.") { $0.cases })
}

extension EvalResult.Coverage: ResponseRecord {
    package static let form = ResponseSchema<EvalResult.Coverage>(
        "EvalCoverage",
        .init("touched", .count, "That a case calls.") { $0.touched },
        .init("reachable", .count, "That the agent can call.") { $0.reachable })
}

extension EvalResult.Safety: ResponseRecord {
    package static let form = ResponseSchema<EvalResult.Safety>(
        "EvalSafety",
        .init("cases", .count, "All.") { $0.cases },
        .init("failed", .count, "That failed.") { $0.failed },
        .init("agent_trials", .count, "Trials of a whole agent.") { $0.agentTrials },
        .maybe(
            "bound95", .text(.plain(1...7)),
            "The bound of the failure rate of such trials, one-sided 95 %, as a decimal."
        ) { $0.bound95?.text })
}

extension EvalResult.Utility: ResponseRecord {
    package static let form = ResponseSchema<EvalResult.Utility>(
        "EvalUtility",
        .init("cases", .count, "All.") { $0.cases },
        .init("passed", .count, "That passed.") { $0.passed },
        .maybe("low95", .text(.plain(1...7)), "The lower end of the rate's 95 % interval.") {
            $0.wilson95?.low.text
        },
        .maybe("high95", .text(.plain(1...7)), "Its upper end.") { $0.wilson95?.high.text },
        .maybe("lost", .count, "Cases that passed in the baseline and fail now.") {
            $0.paired?.lost
        },
        .maybe("gained", .count, "The reverse.") { $0.paired?.gained },
        .maybe("drop_bound95", .text(.plain(1...7)), "The bound of the drop of the rate.") {
            $0.paired?.dropBound95.text
        },
        .maybe("mcnemar_p", .text(.plain(1...7)), "The p-value of the comparison.") {
            $0.paired?.mcnemarP.text
        })
}
