package import InterlockModel
package import InterlockPorts

/// The sessions of people: a value, without clock or randomness. A session is known by a hash of its token alone,
/// so whoever reads memory or disk cannot use one.
package struct PersonSessionTable: Sendable {
    package struct Entry: Hashable, Sendable {
        package let person: Pseudonym
        /// With what the person signed in: its revocation ends the session.
        package let credential: PasskeyID
        /// Signs its requests.
        package let key: PersonSessionKey
        package let began: Timestamp
        package internal(set) var seen: Timestamp
    }

    /// Without a request.
    package static let idle = Duration.seconds(30 * 60)
    /// However busy.
    package static let longest = Duration.seconds(12 * 3600)
    /// Of one person; the one that was longest unused makes room.
    package static let mostOfOne = 8

    private var entries: [Digest: Entry] = [:]
    private var ofPerson: [Pseudonym: Set<Digest>] = [:]

    package init() {}

    package var count: Int { entries.count }

    package mutating func begin(
        _ token: Digest, of person: Pseudonym, by credential: PasskeyID, key: PersonSessionKey,
        at now: Timestamp
    ) {
        endOverdue(of: person, at: now)
        let own = ofPerson[person] ?? []
        if own.count >= Self.mostOfOne,
            let oldest = own.min(by: { (entries[$0]?.seen ?? now) < (entries[$1]?.seen ?? now) })
        {
            end(oldest)
        }
        entries[token] = Entry(
            person: person, credential: credential, key: key, began: now, seen: now)
        ofPerson[person, default: []].insert(token)
    }

    /// Whose it is; nil when it never was or is over.
    ///
    /// - Parameter isUse: whether it was used now.
    package mutating func look(
        _ token: Digest, at now: Timestamp, isUse: Bool = true
    ) -> Entry? {
        guard var entry = entries[token] else { return nil }
        guard entry.isLive(at: now) else {
            end(token)
            return nil
        }
        guard isUse else { return entry }
        // A clock that was set back gives no time back.
        entry.seen = max(entry.seen, now)
        entries[token] = entry
        return entry
    }

    package mutating func end(_ token: Digest) {
        guard let entry = entries.removeValue(forKey: token) else { return }
        ofPerson[entry.person]?.remove(token)
        if ofPerson[entry.person]?.isEmpty == true { ofPerson[entry.person] = nil }
    }

    package mutating func endAll(of person: Pseudonym) {
        for token in ofPerson.removeValue(forKey: person) ?? [] { entries[token] = nil }
    }

    /// Forgets what is over. Called every minute or so.
    package mutating func sweep(at now: Timestamp) {
        for (token, entry) in entries where !entry.isLive(at: now) { end(token) }
    }

    private mutating func endOverdue(of person: Pseudonym, at now: Timestamp) {
        for token in ofPerson[person] ?? [] where entries[token]?.isLive(at: now) != true {
            end(token)
        }
    }
}

extension PersonSessionTable.Entry {
    fileprivate func isLive(at now: Timestamp) -> Bool {
        now < seen + PersonSessionTable.idle && now < began + PersonSessionTable.longest
    }
}
