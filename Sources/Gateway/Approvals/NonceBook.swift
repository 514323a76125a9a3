import InterlockModel

/// The nonces that were issued for votes and not spent yet, in memory: after a restart a person asks
/// for another one. That each is spent once for ever is the store's to keep.
struct NonceBook {
    static let life = Duration.seconds(300)
    static let most = 10_000

    struct Issue: Hashable {
        let request: ApprovalID
        let approver: Pseudonym
        let expires: Timestamp
    }
    private var issued: [String: Issue] = [:]

    mutating func issue(
        _ nonce: String, for request: ApprovalID, to approver: Pseudonym, now: Timestamp
    ) {
        if issued.count >= Self.most { issued = issued.filter { now < $0.value.expires } }
        guard issued.count < Self.most else { return }
        issued[nonce] = Issue(request: request, approver: approver, expires: now + Self.life)
    }

    /// - Returns: when it would have expired; nil when it is not this person's for this request, or old.
    mutating func take(
        _ nonce: String, for request: ApprovalID, by approver: Pseudonym, now: Timestamp
    ) -> Timestamp? {
        guard let issue = issued[nonce], issue.request == request, issue.approver == approver else {
            return nil
        }
        issued[nonce] = nil
        return now < issue.expires ? issue.expires : nil
    }
}
