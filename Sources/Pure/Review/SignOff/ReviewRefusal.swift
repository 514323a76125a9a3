package import InterlockModel

/// The reason why a review cannot be signed (docs/specs/trust-and-review.md, section 9).
package enum ReviewRefusal: Error, Sendable, Hashable {
    /// Records without a mark, and how many there are.
    case unmarked(first: Digest, count: Int)
    case missing(SignOffPart)
    case unanswered(ReviewControl)
    /// The policy is another one than that of the matrix, which has to be made again.
    case policyChanged(matrix: Digest?, now: Digest)
    case reviewerIsOwner(Person)
    /// The reviewer gave more than half of the approvals in the sample.
    case reviewerApproved(Person, of: Int)
    case tooFewReviewers(need: Int)
    case openDrift(DriftItem)
    /// A tier or class is lowered, and the second person does not sign.
    case lowersAlone(DriftItem)
    /// A mark states a finding that has no owner and due date.
    case findingWithoutOwner(leaf: Digest)
    /// An answer `not in order` has no finding.
    case notInOrder(ReviewControl)
    /// A finding of an earlier review has no outcome.
    case openFinding(OpenFinding)
    /// The owner of a finding says that it is mended.
    case mendedByOwner(OpenFinding)
    /// A person who does not sign says what became of a finding.
    case judgedByOther(OpenFinding, Person)
    /// More findings would be open than a sign-off holds.
    case tooManyFindings(Int)
    /// The next review would be later than the schedule permits.
    case tooLate(latest: Timestamp)

    /// The missing thing in words for people, without a full stop.
    package var text: String {
        switch self {
        case .unmarked(let first, let count):
            "\(count) records of the sample have no mark, the first is \(first.base64)"
        case .missing(let part): "the part `\(part.rawValue)` is missing"
        case .unanswered(let control):
            "no answer to `\(control.rawValue)`: \(control.text)"
        case .policyChanged(nil, _):
            "the matrix of scopes and use is not made: compare scopes with their use"
        case .policyChanged:
            "the policy changed since the matrix of scopes and use was made"
        case .reviewerIsOwner(let person): "`\(person)` owns the agent"
        case .reviewerApproved(let person, let count):
            "`\(person)` gave more than half of the \(count) approvals in the sample"
        case .tooFewReviewers(let need): "\(need) reviewers have to sign"
        case .openDrift(let item):
            "the item `\(item.cause.rawValue)` of `\(item.subject)` has no outcome"
        case .lowersAlone(let item):
            "the item `\(item.cause.rawValue)` of `\(item.subject)` is lowered without a second person"
        case .findingWithoutOwner(let leaf):
            "the finding at \(leaf.base64) has no owner and due date"
        case .notInOrder(let control):
            "the answer to `\(control.rawValue)` is not in order, and no finding is about it"
        case .openFinding(let open):
            "\(open.words) is neither mended nor still open"
        case .mendedByOwner(let open):
            "\(open.words) is called mended by its owner; another reviewer says so"
        case .judgedByOther(let open, let person):
            "the outcome of \(open.words) is by `\(person)`, who does not sign"
        case .tooManyFindings(let count):
            "\(count) findings would be open, and a review holds \(ReviewSignOff.mostFindings)"
        case .tooLate(let latest):
            "the next review is due on \(latest.rfc3339(fractionDigits: 0)) at the latest"
        }
    }
}
