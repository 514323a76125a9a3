import InterlockJSON
import InterlockModel

/// The nonces that were issued for votes and not spent yet, in memory: after a restart a person asks
/// for another one. That each is spent once for ever is the store's to keep.
///
/// INVARIANT: what is handed out is kept. A person who asks for many loses the own oldest, and nobody another's.
struct VoteNonceRegistry {
    static let life = Duration.seconds(300)
    /// Of one person: for one request, and in all.
    static let mostOfRequest = 4
    static let mostOfOne = 512

    private struct Issue {
        let nonce: String
        let request: ApprovalID
        let expires: Timestamp
    }
    /// Of each person the oldest first.
    private var issued: [Pseudonym: [Issue]] = [:]

    var count: Int { issued.values.reduce(0) { $0 + $1.count } }

    /// - Parameter approver: a voter of the request, so there are no more of them than people.
    mutating func issue(
        _ nonce: String, for request: ApprovalID, to approver: Pseudonym, now: Timestamp
    ) {
        var own = (issued[approver] ?? []).filter { now < $0.expires }
        if own.count(where: { $0.request == request }) >= Self.mostOfRequest,
            let oldest = own.firstIndex(where: { $0.request == request })
        {
            own.remove(at: oldest)
        }
        if own.count >= Self.mostOfOne { own.removeFirst() }
        own.append(Issue(nonce: nonce, request: request, expires: now + Self.life))
        issued[approver] = own
    }

    /// Whether this person was given it for this request and has not spent it.
    func has(_ nonce: String, for request: ApprovalID, of approver: Pseudonym) -> Bool {
        issued[approver]?.contains { sameBytes($0.nonce, nonce) && $0.request == request } ?? false
    }

    /// - Returns: when it would have expired; nil when it is not this person's for this request, or old.
    mutating func take(
        _ nonce: String, for request: ApprovalID, by approver: Pseudonym, now: Timestamp
    ) -> Timestamp? {
        guard
            let place = issued[approver]?.firstIndex(where: {
                sameBytes($0.nonce, nonce) && $0.request == request
            }), let issue = issued[approver]?.remove(at: place)
        else { return nil }
        if issued[approver]?.isEmpty == true { issued[approver] = nil }
        return now < issue.expires ? issue.expires : nil
    }
}
