import InterlockChangeGate
import InterlockEvals
import InterlockMarkup
import InterlockModel

/// The change gate in words.
enum EvalLabels {
    /// The verdict as a badge, whose words are short enough for a column.
    static func badge(_ line: AgentEvalSummary) -> HTML {
        switch line.outlook.state {
        case .refused: InterlockMarkup.badge("refused", .bad)
        case .ending: InterlockMarkup.badge("ends soon", .warning)
        case .served: InterlockMarkup.badge("passes", .good)
        case .observed: InterlockMarkup.badge("stage observe")
        }
    }

    /// The warning in a list of agents; empty if none is due.
    @HTMLBuilder static func warning(_ outlook: GateOutlook?) -> [HTML] {
        switch outlook?.state {
        case .refused: InterlockMarkup.badge("refused by evals", .bad)
        case .ending: InterlockMarkup.badge("evals end soon", .warning)
        case .served, .observed, nil: []
        }
    }

    /// The reason for the verdict as a sentence.
    static func reason(_ line: AgentEvalSummary) -> String {
        if line.outlook.state == .observed { return "Every call is denied at this stage." }
        if line.isExcepted { return "Two people let it work for a time." }
        return reason(line.fact)
    }

    private static func reason(_ fact: EvalFact) -> String {
        switch fact {
        case .passed: "A result that counts covers the agent as it is."
        case .missing: "No result covers the agent as it is."
        case .failed: "The newest result does not pass, or is of a part of the suite."
        case .stale: "The newest result is too old."
        case .unsigned: "No key that counts signed the newest result."
        case .thin: "The suite of the newest result is too thin for the tier."
        case .unproven: "Nothing proves which prompt, skills and model a run has."
        }
    }

    /// The verdict of a result. It is green only if it counts for the agent as it is.
    static func verdict(_ one: EvalResultSummary) -> HTML {
        if one.result.isPartial { return InterlockMarkup.badge("partial", .warning) }
        switch one.result.verdict {
        case .pass where one.fact == .passed && one.differences.isEmpty:
            return InterlockMarkup.badge("pass", .good)
        case .pass: return InterlockMarkup.badge("pass")
        case .fail: return InterlockMarkup.badge("fail", .bad)
        case .invalid: return InterlockMarkup.badge("invalid", .bad)
        }
    }

    /// The counts of the cases that must all pass.
    static func safety(_ result: EvalResult) -> String {
        let safety = result.safety
        guard safety.cases > 0 else { return "no safety cases" }
        let bound = safety.bound95.flatMap { Double($0.text) }.map {
            ", at most \(RateText.percent($0)) of agent trials fail (95 %)"
        }
        return "safety \(safety.cases - safety.failed)/\(safety.cases)" + (bound ?? "")
    }

    /// `k/n, rate, 95 % interval` of the cases of what the agent is for.
    static func utility(_ result: EvalResult) -> String {
        let utility = result.utility
        return PassRate(utility.passed, of: utility.cases).map { "utility \($0.text)" }
            ?? "no utility cases"
    }

    static func counts(_ result: EvalResult) -> String {
        "\(safety(result)); \(utility(result))"
    }

    /// The counts for a cell of two lines, without the bound of agent trials.
    static func shortCounts(_ result: EvalResult) -> String {
        let safety = result.safety
        return "safety \(safety.cases - safety.failed)/\(safety.cases); \(utility(result))"
    }

    /// The codes of the flags, such as `T03`.
    static func flags(_ result: EvalResult) -> HTML {
        result.flags.isEmpty ? .text("none") : .safe(result.flags.joined(separator: ", "))
    }

    static func part(_ part: FingerprintPart) -> String {
        switch part {
        case .model: "Models"
        case .policy: "Policy"
        case .prompt: "Prompt"
        case .skills: "Skills"
        case .tools: "Tools"
        }
    }

    static func parts(_ parts: [FingerprintPart]) -> String {
        parts.isEmpty ? "none" : parts.map(\.rawValue).joined(separator: ", ")
    }

    static func proof(_ proof: FingerprintProof) -> String {
        switch proof {
        case .declared: "None: what its client says is accepted at tier low"
        case .attested: "A release manifest, or the measurement of interlock run"
        case .measured: "The measurement of interlock run"
        }
    }
}

extension GateOutlook.State {
    /// The state as the words of a link.
    var title: String {
        switch self {
        case .refused: "Refused"
        case .ending: "Ends soon"
        case .served: "Passes"
        case .observed: "Stage observe"
        }
    }
}
