import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockReview
import InterlockReviews

// The forms of a review. What is refused is said on the page of the review.
extension Console {
    func startReview(
        _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        let end = form["to"].isEmpty ? clock.wall : CivilDate(form["to"])?.start
        guard let start = CivilDate(form["from"])?.start, let end,
            let period = ReviewPeriod(from: start, to: end)
        else {
            return await governanceReviewPage(
                of: route.agent, session, status: 422,
                refusal: "name the first day of a period of at most 400 days")
        }
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        return await changed(route.agent, session) { () async throws(Problem) in
            try await actions.start(scope, period, by: person)
        }
    }

    func markRecord(
        _ leaf: Digest, _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let choice = MarkChoice(rawValue: form["as"]) else {
            return await governanceReviewPage(
                of: route.agent, session, status: 422, refusal: "choose a mark")
        }
        let note = form["note"]
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        return await changed(route.agent, session) { () async throws(Problem) in
            try await actions.mark(
                leaf, of: scope, as: choice.word, severity: choice.severity, note: note, by: person)
        }
    }

    func stateReview(
        _ route: ReviewRoute, _ actions: any ReviewActions, _ body: [UInt8],
        _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let part = StatementPart(rawValue: form["part"]),
            let change = ReviewChange(part, form)
        else {
            return await governanceReviewPage(
                of: route.agent, session, status: 422,
                refusal: "a field is empty, or not of its form")
        }
        let (scope, person) = (reviewScope(route.agent), reviewPerson(session))
        return await changed(route.agent, session) { () async throws(Problem) in
            try await actions.state(change, on: scope, by: person)
        }
    }

    private func changed(
        _ agent: AgentName?, _ session: PersonSession, _ body: () async throws(Problem) -> Void
    ) async -> HTTPResponse {
        do throws(Problem) {
            try await body()
            return .seeOther(ReviewRoute(agent).link)
        } catch {
            guard error.kind != .noSuchAgent else { return refused(error, session) }
            return await governanceReviewPage(
                of: agent, session, status: error.kind.status, refusal: error.detail)
        }
    }
}

/// The part that a form of a review states.
enum StatementPart: String {
    case controls, compared, retire, drift, finding, removal, plan
}

/// The marks that people choose from.
enum MarkChoice: String, CaseIterable {
    case ok, unclear
    case minor = "finding-3"
    case serious = "finding-2"
    case severe = "finding-1"

    var word: String {
        switch self {
        case .ok: "ok"
        case .unclear: "unclear"
        case .minor, .serious, .severe: "finding"
        }
    }

    var severity: Int? {
        switch self {
        case .ok, .unclear: nil
        case .minor: 3
        case .serious: 2
        case .severe: 1
        }
    }

    var text: String {
        switch self {
        case .ok: "in order"
        case .unclear: "unclear"
        case .minor: "a finding of severity 3"
        case .serious: "a finding of severity 2"
        case .severe: "a finding of severity 1, the worst"
        }
    }
}

extension ReviewChange {
    /// - Returns: nil if a field is missing or not of its form.
    init?(_ part: StatementPart, _ form: FormBody) {
        switch part {
        case .controls: self = .controls(Self.answers(form))
        case .compared:
            guard let policy = Digest(prefixed: form["policy"]) else { return nil }
            self = .compared(policy: policy)
        case .retire:
            let reason = form["reason"]
            self = .retire(item: form["item"], declined: reason.isEmpty ? nil : reason)
        case .drift:
            guard let cause = DriftItem.Cause(rawValue: form["cause"]),
                let leaf = Digest(hex: form["leaf"]), let outcome = Self.outcome(form)
            else { return nil }
            self = .drift(
                DriftItem(cause, subject: form["subject"], leaf: leaf, outcome: outcome))
        case .finding:
            guard let severity = Int(form["severity"]).flatMap({ FindingSeverity(rawValue: $0) }),
                let owner = Person(form["owner"]), let due = CivilDate(form["due"])?.end
            else { return nil }
            self = .finding(
                severity, text: form["text"], owner: owner, due: due,
                leaf: Digest(hex: form["leaf"]))
        case .removal:
            guard let number = Int(form["number"]) else { return nil }
            self = .removal(finding: number)
        case .plan:
            guard let next = CivilDate(form["next"])?.start, let others = Self.people(form["with"])
            else { return nil }
            self = .plan(next: next, others: others)
        }
    }

    private static func answers(_ form: FormBody) -> [ControlAnswer] {
        ReviewControl.allCases.compactMap { control -> ControlAnswer? in
            switch form[control.rawValue] {
            case "yes": ControlAnswer(control, isInOrder: true)
            case "no": ControlAnswer(control, isInOrder: false)
            default: nil
            }
        }
    }

    private static func outcome(_ form: FormBody) -> DriftItem.Outcome? {
        switch form["outcome"] {
        case "keep": .keep
        case "raise": .raise
        case "lower": Person(form["second"]).map { DriftItem.Outcome.lower(second: $0) }
        default: nil
        }
    }

    /// - Parameter text: addresses, separated by commas.
    private static func people(_ text: String) -> [Person]? {
        var people: [Person] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let person = Person(String(part)) else { return nil }
            if !people.contains(person) { people.append(person) }
        }
        return people
    }
}
