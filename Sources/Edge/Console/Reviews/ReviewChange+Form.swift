import InterlockAPI
import InterlockModel
import InterlockReview
import InterlockReviews

/// The part that a form of a review states.
enum StatementPart: String {
    case controls, compared, retire, drift, finding, removal, plan, earlier, withdrawal
}

/// The reason why a form of a review states nothing. It names the field.
struct ReviewFormFault: Error {
    let text: String

    init(_ text: String) { self.text = text }

    static let otherForm = ReviewFormFault("the form is of another page; load the page again")

    /// - Parameters:
    ///   - label: that of the field on the page.
    ///   - value: what was typed.
    static func field(_ label: String, _ value: String, _ expected: String) -> ReviewFormFault {
        ReviewFormFault(
            value.isEmpty
                ? "`\(label)` is empty: \(expected) is expected"
                : "`\(label)`: `\(value)` is not \(expected)")
    }
}

extension ReviewChange {
    private static let address = "an e-mail address such as dana@acme.example"
    private static let date = "a date such as 2026-12-30"

    init(_ part: StatementPart, _ form: FormBody) throws(ReviewFormFault) {
        switch part {
        case .controls: self = .controls(Self.answers(form))
        case .compared:
            guard let policy = Digest(prefixed: form["policy"]) else { throw .otherForm }
            self = .compared(policy: policy)
        case .retire:
            let reason = form["reason"]
            self = .retire(item: form["item"], declined: reason.isEmpty ? nil : reason)
        case .drift: self = .drift(try Self.statedDrift(in: form))
        case .earlier:
            guard let review = ReviewID(form["review"]), let number = Int(form["number"]) else {
                throw .otherForm
            }
            switch form["outcome"] {
            case "mended": self = .earlier(review, number: number, isMended: true)
            case "open": self = .earlier(review, number: number, isMended: false)
            default: throw ReviewFormFault("say whether the finding is mended or still open")
            }
        case .finding: self = try Self.statedFinding(in: form)
        case .removal:
            guard let number = Int(form["number"]) else { throw .otherForm }
            self = .removal(finding: number)
        case .plan:
            guard let next = CivilDate(form["next"])?.end else {
                throw .field("Next review", form["next"], Self.date)
            }
            self = .plan(next: next, others: try Self.people(form["with"]))
        case .withdrawal: self = .withdrawal
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

    private static func statedDrift(in form: FormBody) throws(ReviewFormFault) -> DriftItem {
        guard let cause = DriftItem.Cause(rawValue: form["cause"]),
            let leaf = Digest(hex: form["leaf"])
        else { throw .otherForm }
        let outcome: DriftItem.Outcome
        switch form["outcome"] {
        case "keep": outcome = .keep
        case "raise": outcome = .raise
        case "lower":
            guard let second = Person(form["second"]) else {
                throw .field("Second person", form["second"], Self.address)
            }
            outcome = .lower(second: second)
        default: throw ReviewFormFault("say whether tier and classes stay, are raised or lowered")
        }
        return DriftItem(cause, subject: form["subject"], leaf: leaf, outcome: outcome)
    }

    private static func statedFinding(
        in form: FormBody
    ) throws(ReviewFormFault) -> ReviewChange {
        guard let severity = Int(form["severity"]).flatMap({ FindingSeverity(rawValue: $0) })
        else { throw .otherForm }
        guard !form["text"].isEmpty else { throw .field("What was found", "", "a text") }
        guard let owner = Person(form["owner"]) else {
            throw .field("Who mends it", form["owner"], Self.address)
        }
        guard let due = CivilDate(form["due"])?.end else {
            throw .field("Until the end of", form["due"], Self.date)
        }
        return .finding(
            severity, text: form["text"], owner: owner, due: due, leaf: Digest(hex: form["leaf"]),
            control: ReviewControl(rawValue: form["control"]))
    }

    /// - Parameter text: addresses, separated by commas.
    private static func people(_ text: String) throws(ReviewFormFault) -> [Person] {
        var people: [Person] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let person = Person(String(part)) else {
                throw .field("Other reviewers", String(part), Self.address)
            }
            if !people.contains(person) { people.append(person) }
        }
        return people
    }
}
