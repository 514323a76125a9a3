package import InterlockModel
package import InterlockPorts

/// The sessions of people: a value without a clock or randomness. Only a hash of each token is stored, so read access
/// to memory does not suffice to use a session.
///
/// INVARIANT: a session is known by its token alone and ends with its passkey, its person or its time; no attempt of
/// another person locks anyone out. Kept by `SignInTests`, `ChallengeTests`, `VoteNonceRegistryTests`,
/// `EventStreamLimiterTests`, `test_console_crowds.py`.
package struct PersonSessionTable: Sendable {
    package typealias Entry = PersonSessionEntry

    /// The longest time without a request.
    package static let idle = Duration.seconds(30 * 60)
    /// The longest duration of a session, regardless of use.
    package static let longest = Duration.seconds(12 * 3600)
    /// The limit of sessions per person; a new one replaces the one that was unused longest.
    package static let mostOfOne = 8

    private var entries: [Digest: Entry] = [:]
    private var ofPerson: [Pseudonym: Set<Digest>] = [:]

    package init() {}

    package var count: Int { entries.count }

    /// - Returns: the sessions that ended for it.
    @discardableResult
    package mutating func begin(_ token: Digest, _ entry: Entry) -> [Digest] {
        let (person, now) = (entry.person, entry.began)
        var ended = endOverdue(of: person, at: now)
        let own = ofPerson[person] ?? []
        if own.count >= Self.mostOfOne,
            let oldest = own.min(by: { (entries[$0]?.seen ?? now) < (entries[$1]?.seen ?? now) })
        {
            end(oldest)
            ended.append(oldest)
        }
        entries[token] = entry
        ofPerson[person, default: []].insert(token)
        return ended
    }

    /// Returns the session, or nil if it is unknown or expired.
    ///
    /// - Parameter isUse: if true, resets the idle time.
    package mutating func find(_ token: Digest, at now: Timestamp, isUse: Bool) -> Entry? {
        guard var entry = entries[token] else { return nil }
        guard entry.isLive(at: now) else {
            end(token)
            return nil
        }
        guard isUse else { return entry }
        // Never decreases, even if the clock is set back.
        entry.seen = max(entry.seen, now)
        entries[token] = entry
        return entry
    }

    /// The sessions of one person that have not expired.
    package func sessions(of person: Pseudonym, at now: Timestamp) -> [Digest: Entry] {
        let own = (ofPerson[person] ?? []).compactMap { token in
            entries[token].map { (token, $0) }
        }
        return Dictionary(uniqueKeysWithValues: own.filter { $0.1.isLive(at: now) })
    }

    package mutating func end(_ token: Digest) {
        guard let entry = entries.removeValue(forKey: token) else { return }
        ofPerson[entry.person]?.remove(token)
        if ofPerson[entry.person]?.isEmpty == true { ofPerson[entry.person] = nil }
    }

    /// Forgets expired sessions. Called about once a minute.
    ///
    /// - Returns: these.
    @discardableResult
    package mutating func sweep(at now: Timestamp) -> [Digest] {
        let overdue = entries.filter { !$0.value.isLive(at: now) }.map(\.key)
        for token in overdue { end(token) }
        return overdue
    }

    /// The time at which a session ends if it is not used again.
    package static func end(of entry: Entry) -> Timestamp {
        min(entry.seen + idle, entry.began + longest)
    }

    private mutating func endOverdue(of person: Pseudonym, at now: Timestamp) -> [Digest] {
        let overdue = (ofPerson[person] ?? []).filter { entries[$0]?.isLive(at: now) != true }
        for token in overdue { end(token) }
        return Array(overdue)
    }
}

extension PersonSessionEntry {
    fileprivate func isLive(at now: Timestamp) -> Bool { now < PersonSessionTable.end(of: self) }
}

extension OneNodeRegistry: PersonSessionEntries where Value == PersonSessionTable {
    package func begin(_ token: Digest, _ entry: PersonSessionEntry) {
        _ = change { $0.begin(token, entry) }
    }

    package func find(_ token: Digest, at now: Timestamp, isUse: Bool) -> PersonSessionEntry? {
        change { $0.find(token, at: now, isUse: isUse) }
    }

    package func sessions(
        of person: Pseudonym, at now: Timestamp
    ) -> [Digest: PersonSessionEntry] { change { $0.sessions(of: person, at: now) } }

    package func end(_ token: Digest) { change { $0.end(token) } }

    package func sweep(at now: Timestamp) { _ = change { $0.sweep(at: now) } }
}
