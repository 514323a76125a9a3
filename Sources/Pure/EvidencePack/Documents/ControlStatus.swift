import InterlockJSON
package import InterlockModel

/// The status of a control (docs/specs/evidence.md, section 1).
package enum ControlStatus: Sendable, Hashable {
    /// Text was given to a model or a person, and nothing enforces it.
    case guidance
    case gap
    case enforced(at: String)

    package var text: String {
        switch self {
        case .guidance: "guidance"
        case .gap: "gap"
        case .enforced(let points): "enforced at \(points)"
        }
    }

    /// - Returns: nil for text of another form.
    package init?(_ text: String) {
        switch text {
        case "guidance": self = .guidance
        case "gap": self = .gap
        default:
            let beginning = "enforced at "
            guard text.hasPrefix(beginning), text.utf8.count > beginning.utf8.count else {
                return nil
            }
            self = .enforced(at: String(text.dropFirst(beginning.count)))
        }
    }
}

/// One thing that is not shown.
package struct ControlGap: Sendable, Hashable {
    package let text: String
    /// The person who closes it, and the day until which; nil if they are not known.
    package let owner: Person?
    package let due: CivilDate?

    package init(_ text: String, owner: Person? = nil, due: CivilDate? = nil) {
        self.text = text
        self.owner = owner
        self.due = due
    }
}

/// The facts from which the status of a control follows.
package struct ControlFacts: Sendable {
    /// The results of the release; nil if none are signed for this build, with the reason.
    package let release: ReleaseResults?
    package let releaseProblem: String
    package let deployment: DeploymentResults?
    package let deploymentProblem: String
    package let built: Timestamp
    /// The controls that this deployment states as guidance.
    package let guidance: Set<ControlID>

    package init(
        release: Result<ReleaseResults, EvidenceProblem>,
        deployment: Result<DeploymentResults, EvidenceProblem>, built: Timestamp,
        guidance: Set<ControlID> = []
    ) {
        switch release {
        case .success(let results): (self.release, releaseProblem) = (results, "")
        case .failure(let problem): (self.release, releaseProblem) = (nil, problem.text)
        }
        switch deployment {
        case .success(let results): (self.deployment, deploymentProblem) = (results, "")
        case .failure(let problem): (self.deployment, deploymentProblem) = (nil, problem.text)
        }
        self.built = built
        self.guidance = guidance
    }

    /// The gaps that the tests leave in a control; empty if all of them passed and are recent.
    package func gaps(of control: EvidenceControl) -> [ControlGap] {
        releaseGaps(control) + deploymentGaps(control)
    }

    private func releaseGaps(_ control: EvidenceControl) -> [ControlGap] {
        guard !control.releaseTests.isEmpty else {
            return [ControlGap("No test of the release covers this control.")]
        }
        guard let release else { return [ControlGap(releaseProblem)] }
        return control.releaseTests.compactMap { id -> ControlGap? in
            switch release.tests.passed(id) {
            case true?: return nil
            case false?: return ControlGap("The test \(id) of the release failed.")
            case nil: return ControlGap("The release has no result of the test \(id).")
            }
        }
    }

    private func deploymentGaps(_ control: EvidenceControl) -> [ControlGap] {
        guard !control.selfTests.isEmpty else {
            return [ControlGap("No part of the self-test covers this control.")]
        }
        guard let deployment else { return [ControlGap(deploymentProblem)] }
        let time = deployment.at.rfc3339(fractionDigits: 0)
        guard deployment.isFresh(at: built) else {
            return [ControlGap("The self-test of \(time) is not of the 7 days before.")]
        }
        return control.selfTests.compactMap { id -> ControlGap? in
            switch deployment.tests.passed(id) {
            case true?: return nil
            case false?:
                let reason = deployment.reasons[ExactText(id)] ?? "."
                return ControlGap("\(id) of the self-test of \(time) failed\(reason)")
            case nil: return ControlGap("The self-test of \(time) has no result of \(id).")
            }
        }
    }
}

/// The reason why a part of a pack is missing: one sentence.
package struct EvidenceProblem: Error, Sendable, Hashable {
    package let text: String
    package init(_ text: String) { self.text = text }

    package static let noSelfTest = EvidenceProblem(
        "No self-test of this deployment is on record.")
}

/// The controls that have a gap, before anything is counted: what `ready` asks for an agent of tier high.
package enum ControlGaps {
    /// The controls whose tests do not show that they are enforced, in their order; guidance is not among them.
    package static func open(_ facts: ControlFacts) -> [(control: ControlID, gaps: [ControlGap])] {
        EvidenceControl.all.compactMap { control -> (control: ControlID, gaps: [ControlGap])? in
            guard !facts.guidance.contains(control.id) else { return nil }
            let gaps = facts.gaps(of: control)
            return gaps.isEmpty ? nil : (control: control.id, gaps: gaps)
        }
    }
}
