import InterlockAdministration
import InterlockGovernor
package import InterlockModel
package import InterlockPorts

/// The responses to requests that carried an idempotency key, so that a retry after a lost response does not repeat the
/// action (draft-ietf-httpapi-idempotency-key-header). A value without a clock, held in memory: after a restart or an
/// eviction, a retry runs again.
package struct IdempotencyCache: Sendable {
    package struct Key: Hashable, Sendable {
        package let person: Pseudonym
        package let text: String

        package init(_ person: Pseudonym, _ text: String) {
            self.person = person
            self.text = text
        }
    }

    package enum Start: Sendable {
        /// The first use of the key: the caller must run the request, then call `end` or `drop`.
        case run
        case replay(HTTPResponse)
        /// The first request with this key is still running.
        case busy
        /// The key was already used for a different request.
        case other
        /// No room: every entry that could be evicted for this person belongs to a request that is still running.
        case full
    }

    private struct Entry {
        package let request: Digest
        package let began: BootTime
        /// Is nil while the request is running.
        package var answer: HTTPResponse?
    }

    package static let life = Duration.seconds(24 * 3600)
    package static let mostOfOne = 256
    package static let most = 4096
    /// The limit on the sum of all stored response bodies, in bytes.
    package static let mostBytes = 8 << 20

    private var entries: [Key: Entry] = [:]
    /// The bytes of stored response bodies, by person.
    private var bytes: [Pseudonym: Int] = [:]

    package init() {}

    package var count: Int { entries.count }

    /// - Parameter request: a digest of path and body.
    package mutating func begin(_ key: Key, _ request: Digest, at now: BootTime) -> Start {
        if let entry = entries[key], now - entry.began < Self.life {
            guard entry.request == request else { return .other }
            return entry.answer.map(Start.replay) ?? .busy
        }
        remove(key)
        guard makeRoom(for: key.person, at: now) else { return .full }
        entries[key] = Entry(request: request, began: now)
        return .run
    }

    package mutating func end(_ key: Key, _ answer: HTTPResponse) {
        guard let entry = entries[key], entry.answer == nil else { return }
        entries[key]?.answer = answer
        bytes[key.person, default: 0] += answer.body.count
        // Evicts from the person who stores the most, so that one person cannot displace another's responses.
        while bytes.values.reduce(0, +) > Self.mostBytes,
            let person = bytes.max(by: { $0.value < $1.value })?.key,
            let oldest = oldestAnswered({ $0.person == person })
        { remove(oldest) }
    }

    /// Forgets a request that was not carried out; the key may be used again.
    package mutating func drop(_ key: Key) { remove(key) }

    /// Returns false if the person's or the total limit is reached by requests that are still running.
    private mutating func makeRoom(for person: Pseudonym, at now: BootTime) -> Bool {
        if entries.count >= Self.most {
            for (key, entry) in entries where entry.answer != nil && now - entry.began >= Self.life
            {
                remove(key)
            }
        }
        if entries.keys.count(where: { $0.person == person }) >= Self.mostOfOne {
            guard let oldest = oldestAnswered({ $0.person == person }) else { return false }
            remove(oldest)
        }
        if entries.count >= Self.most {
            guard let oldest = oldestAnswered({ _ in true }) else { return false }
            remove(oldest)
        }
        return true
    }

    private func oldestAnswered(_ isMeant: (Key) -> Bool) -> Key? {
        entries.filter { isMeant($0.key) && $0.value.answer != nil }
            .min { $0.value.began < $1.value.began }?.key
    }

    private mutating func remove(_ key: Key) {
        guard let answer = entries.removeValue(forKey: key)?.answer else { return }
        let left = (bytes[key.person] ?? 0) - answer.body.count
        bytes[key.person] = left > 0 ? left : nil
    }
}
