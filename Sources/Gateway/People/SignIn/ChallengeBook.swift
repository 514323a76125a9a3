package import InterlockModel

/// The challenges that wait for an answer: each is used once, for one purpose, within five minutes.
package struct ChallengeBook: Sendable {
    package enum Purpose: Hashable, Sendable {
        case signIn
        /// A new passkey, by whoever holds this invitation.
        case enrolment(Digest)
    }

    package static let life = Duration.seconds(300)
    package static let most = 8192
    package static let bytes = 32

    private struct Entry {
        let purpose: Purpose
        let expires: Timestamp
    }
    private var entries: [[UInt8]: Entry] = [:]

    package init() {}

    /// - Returns: false when too many wait; what has expired makes room.
    package mutating func issue(
        _ challenge: [UInt8], for purpose: Purpose, at now: Timestamp
    ) -> Bool {
        if entries.count >= Self.most { entries = entries.filter { now < $0.value.expires } }
        guard entries.count < Self.most else { return false }
        entries[challenge] = Entry(purpose: purpose, expires: now + Self.life)
        return true
    }

    /// Gone afterwards, whatever the answer.
    package mutating func take(
        _ challenge: [UInt8], for purpose: Purpose, at now: Timestamp
    ) -> Bool {
        guard let entry = entries.removeValue(forKey: challenge) else { return false }
        return entry.purpose == purpose && now < entry.expires
    }
}
