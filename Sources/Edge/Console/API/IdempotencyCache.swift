import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts

/// What was answered to requests that came with an idempotency key, so that one that is sent again, because its answer
/// was lost, does nothing twice (draft-ietf-httpapi-idempotency-key-header). A value without clock; a restart forgets
/// it, and what is forgotten runs again.
struct IdempotencyCache: Sendable {
    struct Key: Hashable, Sendable {
        let person: Pseudonym
        let text: String

        init(_ person: Pseudonym, _ text: String) {
            self.person = person
            self.text = text
        }
    }

    enum Start: Sendable {
        /// The first: to be answered, then `end` or `drop`.
        case run
        case replay(HTTPResponse)
        /// The first is not answered yet.
        case busy
        /// The key came with another request.
        case other
        /// This person's requests are all being answered.
        case full
    }

    private struct Entry {
        let request: Digest
        let began: BootTime
        /// nil while it is being answered.
        var answer: HTTPResponse?
    }

    static let life = Duration.seconds(24 * 3600)
    static let mostOfOne = 256
    static let most = 4096
    /// Of bodies, all together.
    static let mostBytes = 8 << 20

    private var entries: [Key: Entry] = [:]
    /// Of the answers that are kept, by whose they are.
    private var bytes: [Pseudonym: Int] = [:]

    init() {}

    var count: Int { entries.count }

    /// - Parameter request: a digest of path and body.
    mutating func begin(_ key: Key, _ request: Digest, at now: BootTime) -> Start {
        if let entry = entries[key], now - entry.began < Self.life {
            guard entry.request == request else { return .other }
            return entry.answer.map(Start.replay) ?? .busy
        }
        remove(key)
        guard makeRoom(for: key.person, at: now) else { return .full }
        entries[key] = Entry(request: request, began: now)
        return .run
    }

    mutating func end(_ key: Key, _ answer: HTTPResponse) {
        guard let entry = entries[key], entry.answer == nil else { return }
        entries[key]?.answer = answer
        bytes[key.person, default: 0] += answer.body.count
        // Whoever has most makes room, so that nobody's answers go for another's.
        while bytes.values.reduce(0, +) > Self.mostBytes,
            let person = bytes.max(by: { $0.value < $1.value })?.key,
            let oldest = oldestAnswered({ $0.person == person })
        { remove(oldest) }
    }

    /// The request was not done, and may be sent again.
    mutating func drop(_ key: Key) { remove(key) }

    /// False when every place is taken by requests that are being answered.
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
