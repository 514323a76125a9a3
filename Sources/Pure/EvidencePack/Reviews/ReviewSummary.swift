package import InterlockJSON
package import InterlockModel

/// The parts of a signed review that a pack shows: what was reviewed, by whom, and what was found.
package struct ReviewSummary: Sendable, Hashable {
    /// A finding of the review, or one of an earlier review with its outcome.
    package struct Finding: Sendable, Hashable {
        /// The review that found it.
        package let review: String
        package let number: Int64
        package let severity: Int64
        package let text: String
        package let owner: Person?
        /// The last day on which it is to be mended.
        package let due: CivilDate?
        package let control: ControlID
        package let isMended: Bool
    }

    package let id: String
    /// `agent:NAME` or `org`.
    package let scope: String
    /// The addresses of all who signed it.
    package let reviewers: [String]
    package let signed: Timestamp
    /// The controls that the review asked about.
    package let asked: [ControlID]
    /// The questions that were answered `not in order`.
    package let notInOrder: [ReviewQuestion]
    package let findings: [Finding]
    /// The findings of earlier reviews that were open.
    package let earlier: [Finding]

    /// Returns nil for a payload without an id, a scope and reviewers.
    ///
    /// - Parameter signed: the time of its record.
    package init?(payload: JSONValue, signed: Timestamp) {
        let reviewers = payload["reviewers"]?.array?.compactMap(\.string) ?? []
        guard let id = payload["review"]?.string, let scope = payload["scope"]?.string,
            !reviewers.isEmpty
        else { return nil }
        (self.id, self.scope, self.reviewers, self.signed) = (id, scope, reviewers, signed)
        let answers = (payload["controls"]?.array ?? []).compactMap {
            answer -> (question: ReviewQuestion, isInOrder: Bool)? in
            guard let question = answer["control"]?.string.flatMap(ReviewQuestion.init(rawValue:))
            else { return nil }
            return (question: question, isInOrder: answer["ok"] == JSONValue.bool(true))
        }
        // Each review compares the scopes of an agent with their use.
        let asked = Set(answers.map(\.question.control)).union([.c01, .c19])
        self.asked = ControlID.allCases.filter { asked.contains($0) }
        notInOrder = answers.filter { !$0.isInOrder }.map(\.question)
        findings = (payload["findings"]?.array ?? []).compactMap { Finding($0, of: id) }
        earlier = (payload["earlier"]?.array ?? []).compactMap { value in
            value["review"]?.string.flatMap { Finding(value, of: $0) }
        }
    }
}

extension ReviewSummary.Finding {
    /// Returns nil for a value without number and text.
    init?(_ value: JSONValue, of review: String) {
        guard let number = value["number"]?.integer, let text = value["text"]?.string else {
            return nil
        }
        self.review = review
        self.number = number
        self.text = text
        severity = value["severity"]?.integer ?? 0
        owner = value["owner"]?.string.flatMap { Person.written($0) }
        // The time is that at which the last day has passed.
        let end = value["due"]?.string.flatMap { Timestamp(rfc3339: $0) }
        due = end.map { ($0 - Duration.microseconds(1)).day }
        let question = value["control"]?.string.flatMap(ReviewQuestion.init(rawValue:))
        control = question?.control ?? .c19
        isMended = value["outcome"]?.string.map { sameBytes($0, "mended") } ?? false
    }
}

/// A question of a review about people and controls, by its name in the signed document.
package enum ReviewQuestion: String, Sendable, Hashable, CaseIterable {
    case owner, credentials, exceptions, approvers, alerts, drills, evals, promotions
    case breakGlass = "break-glass"

    /// The control that the question is about.
    package var control: ControlID {
        switch self {
        case .owner: .c02
        case .credentials: .c03
        case .exceptions: .c04
        case .approvers: .c06
        case .alerts: .c21
        case .drills: .c08
        case .evals: .c17
        case .promotions: .c18
        case .breakGlass: .c05
        }
    }
}
