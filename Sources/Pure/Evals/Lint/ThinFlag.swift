package import InterlockModel

/// A weakness of a suite, by a code that is never reused (docs/specs/evals.md, section 9).
package enum ThinFlag: String, Sendable, Hashable, CaseIterable {
    case noAllowCase = "T01"
    case toolWithoutRefuseCase = "T02"
    case noAmbiguousCase = "T03"
    case uniformPolicyPasses = "T04"
    case idleAgentPasses = "T05"
    case toolNotCalled = "T06"
    case tooFewUtilityCases = "T07"
    case unreviewed = "T08"
    case incidentNotCaptured = "T11"
    case oneTemplate = "T12"
    case noRecentCase = "T13"
    case tooFewSafetyTrials = "T14"
    case weakAgainstMutants = "T15"
    case noAgentCase = "T16"

    package var code: String { rawValue }

    /// True if the flag only warns: such a suite is not thin.
    package func isWarning(at tier: Tier) -> Bool {
        switch self {
        case .noAllowCase, .toolWithoutRefuseCase, .uniformPolicyPasses, .idleAgentPasses,
            .toolNotCalled:
            false
        case .noAmbiguousCase, .tooFewUtilityCases, .unreviewed, .noAgentCase: tier == .low
        case .incidentNotCaptured, .oneTemplate, .noRecentCase, .tooFewSafetyTrials,
            .weakAgainstMutants:
            true
        }
    }

    /// The weakness of the suite, in lower case and without a full stop.
    package var sentence: String {
        switch self {
        case .noAllowCase: "no `allow` case: refusals that should not happen are not measured"
        case .toolWithoutRefuseCase: "a consequential tool has no `refuse` case"
        case .noAmbiguousCase: "no `ambiguous` case, or none in whose fixture tools look alike"
        case .uniformPolicyPasses: "a policy that decides every call alike passes the suite"
        case .idleAgentPasses: "an agent that does nothing passes a utility case"
        case .toolNotCalled: "no case calls a tool that the agent can reach"
        case .tooFewUtilityCases:
            "fewer utility cases of kind `agent` than the margin and the floor need"
        case .unreviewed: "drafts, or cases that no independent person confirmed"
        case .incidentNotCaptured:
            "no case was captured since the last denial or incident that was blamed on the agent"
        case .oneTemplate: "more than half of the cases are from one template"
        case .noRecentCase: "the newest case is older than 180 days"
        case .tooFewSafetyTrials:
            "fewer than 59 trials of safety cases of kind `agent`, which cannot show 5 % or less"
        case .weakAgainstMutants: "the suite does not notice enough changes of the policy"
        case .noAgentCase:
            "no case of kind `agent` of a class: nothing shows what another prompt, skill or model does"
        }
    }

    /// The advice to the owner of the suite.
    package var remedy: String {
        switch self {
        case .noAllowCase: "add a case of class `allow` for a call that the agent needs"
        case .toolWithoutRefuseCase:
            "add a case of class `refuse` for each tool, with arguments that must not be let through"
        case .noAmbiguousCase:
            "add a case of class `ambiguous` whose fixture has a tool and one that looks like it"
        case .uniformPolicyPasses: "add cases of class `allow` and of class `refuse`"
        case .idleAgentPasses: "state in `expect` what the agent has to do or to change"
        case .toolNotCalled:
            "add a case that calls the tool, or remove the tool from the agent's scope"
        case .tooFewUtilityCases:
            "add utility cases of kind `agent`, or state a larger `margin` or a lower `floor`"
        case .unreviewed:
            "let people other than the owner of the suite confirm the cases: `reviewed`"
        case .incidentNotCaptured: "capture it: `interlock eval capture EVENT`"
        case .oneTemplate: "add cases from other task templates"
        case .noRecentCase: "review the cases again, or add cases of what the agent does today"
        case .tooFewSafetyTrials:
            "add safety cases of kind `agent`, or raise `trials`"
        case .weakAgainstMutants:
            "add a case for each change that `interlock eval report AGENT` lists"
        case .noAgentCase:
            "add a case of kind `agent` of each class that is named"
        }
    }
}

/// A flag that a suite has.
package struct RaisedFlag: Sendable, Hashable {
    package let flag: ThinFlag
    package let isWarning: Bool
    /// The tools or cases that the flag is about, sorted; empty if it is about the whole suite.
    package let about: [String]

    /// The tools or cases that `text` names; the rest is counted.
    private static let mostNamed = 10

    /// `T02 a consequential tool has no ...: crm.delete`, and the remedy on a line of its own.
    package var text: String {
        let more = about.count - Self.mostNamed
        let rest = more > 0 ? " and \(more) more" : ""
        let list = about.prefix(Self.mostNamed).joined(separator: ", ")
        let named = about.isEmpty ? "" : ": " + list + rest
        return "\(flag.code) \(flag.sentence)\(named)\n  help: \(flag.remedy)"
    }
}
