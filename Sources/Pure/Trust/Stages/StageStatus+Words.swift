import InterlockModel

extension AutonomyStage {
    /// The number and the name, such as `0 gated`.
    package var text: String { assignment.text }
}

extension StageStatus.Reason {
    /// True for an exception that raises the stage.
    package var isException: Bool { if case .excepted = self { true } else { false } }

    /// The reason in words for people, without a full stop.
    package var text: String {
        switch self {
        case .observed: "the policy holds it at observe"
        case .ceiling(let stage): "the policy permits stage \(stage.text) at most"
        case .delegation(let stage): "its owner permits stage \(stage.text) at most"
        case .delegationEnded: "the person who set its ceiling is not its owner any more"
        case .noPromotion: "no promotion of it is on record"
        case .noCriteria: "the criteria cannot be read, so no promotion counts"
        case .promotionUnsigned: "the signatures under its promotion do not count any more"
        case .promoted(let stage, let end):
            "promoted to stage \(stage.text) until \(end.rfc3339(fractionDigits: 0))"
        case .expired(let stage, let end):
            "its promotion to stage \(stage.text) ended at \(end.rfc3339(fractionDigits: 0))"
        case .excepted(let stage, let end):
            "raised to stage \(stage.text) until \(end.rfc3339(fractionDigits: 0)) by an exception of people"
        case .demoted(let demotion):
            "demoted to stage \(demotion.to.text) at \(demotion.at.rfc3339(fractionDigits: 0)): "
                + demotion.trigger.text
        }
    }
}
