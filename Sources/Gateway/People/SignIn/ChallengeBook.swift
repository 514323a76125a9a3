package import InterlockModel

/// The challenges that wait for an answer: each is used once, for one purpose, within five minutes.
///
/// Nobody can keep others from getting one: a network has its share, and when all places are taken the network
/// that holds most gives its oldest.
package struct ChallengeBook: Sendable {
    package enum Purpose: Hashable, Sendable {
        case signIn
        /// A new passkey, by whoever holds this invitation.
        case enrolment(Digest)
    }

    package static let life = Duration.seconds(300)
    package static let most = 8192
    /// Of one network. A front proxy on the gateway's own machine speaks for many people.
    package static let mostOfOne = 128
    package static let mostOfOwnMachine = 4096
    package static let bytes = 32

    private struct Entry {
        let purpose: Purpose
        let network: SourceNetwork
        let expires: Timestamp
    }
    private var entries: [[UInt8]: Entry] = [:]
    /// Oldest first.
    private var ofNetwork: [SourceNetwork: [[UInt8]]] = [:]

    package init() {}

    package var count: Int { entries.count }

    /// - Parameter source: the address that asks; nil for the gateway's own machine.
    package mutating func issue(
        _ challenge: [UInt8], for purpose: Purpose, from source: String?, at now: Timestamp
    ) {
        let network = SourceNetwork(of: source)
        let share = source == nil ? Self.mostOfOwnMachine : Self.mostOfOne
        while let own = ofNetwork[network], own.count >= share { forget(own[0]) }
        if entries.count >= Self.most { makeRoom(at: now) }
        entries[challenge] = Entry(
            purpose: purpose, network: network, expires: now + Self.life)
        ofNetwork[network, default: []].append(challenge)
    }

    /// Gone afterwards, whatever the answer.
    package mutating func take(
        _ challenge: [UInt8], for purpose: Purpose, at now: Timestamp
    ) -> Bool {
        guard let entry = entries[challenge] else { return false }
        forget(challenge)
        return entry.purpose == purpose && now < entry.expires
    }

    private mutating func makeRoom(at now: Timestamp) {
        for (challenge, entry) in entries where now >= entry.expires { forget(challenge) }
        guard entries.count >= Self.most,
            let fullest = ofNetwork.values.max(by: { $0.count < $1.count })
        else { return }
        forget(fullest[0])
    }

    private mutating func forget(_ challenge: [UInt8]) {
        guard let entry = entries.removeValue(forKey: challenge) else { return }
        ofNetwork[entry.network]?.removeAll { $0 == challenge }
        if ofNetwork[entry.network]?.isEmpty == true { ofNetwork[entry.network] = nil }
    }
}
