package import InterlockJSON
package import InterlockModel

/// A call that people denied or left undecided in a run; it is not put to them again, or only a limited number of
/// times.
package struct RefusedQuestion: Hashable, Sendable {
    package enum Answer: Hashable, Sendable { case denied, unanswered }

    package let run: RunID
    package let digest: Digest
    package let answer: Answer

    /// - Returns: nil if the request is open or ended in another way.
    init?(_ request: ApprovalRequest) {
        self.init(request.review.call.run, request.callDigest, request.state, request.cause)
    }

    /// Reads a request's stored form. The votes are not verified, because the result grants nothing.
    package init?(json: JSONValue, hashing: some Hashing) {
        guard let stored = json["review"], let review = try? ReviewDocument(json: stored),
            let state = json["state"]?.string.flatMap(ApprovalState.init(rawValue:))
        else { return nil }
        let cause = json["cause"]?.string.flatMap(ApprovalCause.init(rawValue:))
        self.init(review.call.run, review.call.digest(hashing), state, cause)
    }

    private init?(_ run: RunID, _ digest: Digest, _ state: ApprovalState, _ cause: ApprovalCause?) {
        self.run = run
        self.digest = digest
        switch state {
        case .denied: answer = .denied
        case .expired where cause == .unanswered: answer = .unanswered
        case .expired, .withdrawn, .void, .used, .pending, .approved: return nil
        }
    }
}
