import InterlockJSON
package import InterlockModel
import InterlockPorts

/// The nonces that were issued for votes and not yet spent. They are in memory only: after a restart a person must
/// request another one. The store ensures that a nonce is never spent twice.
///
/// INVARIANT: an issued nonce is kept until it expires. A person who requests too many loses only their own oldest
/// ones.
package struct VoteNonceRegistry: Sendable {
    static let life = Duration.seconds(300)
    /// The most nonces of one person: for one request, and in all.
    static let mostOfRequest = 4
    static let mostOfOne = 512

    package init() {}

    private struct Issue {
        let nonce: String
        let request: ApprovalID
        let expires: Timestamp
    }
    /// The nonces of each person, oldest first.
    private var issued: [Pseudonym: [Issue]] = [:]

    var count: Int { issued.values.reduce(0) { $0 + $1.count } }

    /// - Parameter approver: a voter of the request, which bounds the number of entries by the number of people.
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

    /// Returns true if this person was issued the nonce for this request and has not spent it.
    func has(_ nonce: String, for request: ApprovalID, of approver: Pseudonym) -> Bool {
        issued[approver]?.contains { sameBytes($0.nonce, nonce) && $0.request == request } ?? false
    }

    /// - Returns: its expiry, or nil if it has expired or was not issued to this person for this request.
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

extension OneNodeRegistry: VoteNonces where Value == VoteNonceRegistry {
    package func issue(
        _ nonce: String, for request: ApprovalID, to approver: Pseudonym, now: Timestamp
    ) { change { $0.issue(nonce, for: request, to: approver, now: now) } }

    package func has(_ nonce: String, for request: ApprovalID, of approver: Pseudonym) -> Bool {
        change { $0.has(nonce, for: request, of: approver) }
    }

    package func take(
        _ nonce: String, for request: ApprovalID, by approver: Pseudonym, now: Timestamp
    ) -> Timestamp? { change { $0.take(nonce, for: request, by: approver, now: now) } }
}
