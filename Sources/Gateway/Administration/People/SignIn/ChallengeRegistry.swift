package import InterlockModel

/// What passkeys are to sign: each challenge is used once, for one purpose, within five minutes.
///
/// Whoever asks for one leaves nothing behind here, so nobody can keep others from theirs: a challenge carries its
/// own end under a code of this process, and only those that somebody has answered by a passkey are remembered.
package struct ChallengeRegistry: Sendable {
    /// Makes 32 bytes that nobody else can, always the same of the same message.
    package typealias Code = @Sendable (_ message: [UInt8]) -> [UInt8]

    package enum Purpose: Hashable, Sendable {
        /// With a session whose key has this digest: no other can begin under the challenge.
        case signIn(Digest)
        /// A new passkey, by whoever holds this invitation.
        case enrolment(Digest)
    }

    /// Who has answered: each has so many answers in five minutes, and fills nobody else's places.
    package enum Holder: Hashable, Sendable {
        case passkey(PasskeyID)
        case invitation(Digest)
    }

    package enum Spending: Hashable, Sendable {
        case done
        case usedBefore
        /// Too many in five minutes; there is room again after so long.
        case tooOften(Duration)
    }

    package static let life = Duration.seconds(300)
    package static let randomBytes = 16
    /// Random bytes, 8 of the end in microseconds since boot, and 32 of code. In base64url 75 characters.
    package static let bytes = randomBytes + 8 + 32
    package static let mostOfOne = 128

    private let code: Code
    private var spent: [Holder: [[UInt8]: BootTime]] = [:]

    /// - Parameter code: under a key that ends with the process, and its challenges with it.
    package init(_ code: @escaping Code) { self.code = code }

    package var count: Int { spent.values.reduce(0) { $0 + $1.count } }

    /// - Parameter random: `randomBytes` that nobody has seen.
    package func make(_ random: [UInt8], for purpose: Purpose, at now: BootTime) -> [UInt8] {
        let end = UInt64(bitPattern: (now + Self.life).microseconds)
        let open = random + (0..<8).map { UInt8(truncatingIfNeeded: end >> (56 - 8 * $0)) }
        return open + code(Self.message(open, purpose))
    }

    /// Whether this process made it for that purpose, and lately. It may have been used.
    package func isLive(_ challenge: [UInt8], for purpose: Purpose, at now: BootTime) -> Bool {
        guard let end = Self.end(of: challenge) else { return false }
        let open = Array(challenge.prefix(Self.randomBytes + 8))
        let own = code(Self.message(open, purpose))
        return equalInConstantTime(challenge.dropFirst(open.count), own) && now < end
    }

    /// Whether somebody has answered it by a passkey.
    package func isSpent(_ challenge: [UInt8]) -> Bool {
        spent.values.contains { $0[challenge] != nil }
    }

    /// Uses up a live challenge that a passkey has answered.
    package mutating func spend(
        _ challenge: [UInt8], by holder: Holder, at now: BootTime
    ) -> Spending {
        guard let end = Self.end(of: challenge), now < end else { return .usedBefore }
        spent = spent.compactMapValues { own in
            let live = own.filter { now < $0.value }
            return live.isEmpty ? nil : live
        }
        guard !isSpent(challenge) else { return .usedBefore }
        let own = spent[holder] ?? [:]
        if own.count >= Self.mostOfOne, let first = own.values.min() {
            return .tooOften(first - now)
        }
        spent[holder, default: [:]][challenge] = end
        return .done
    }

    private static func end(of challenge: [UInt8]) -> BootTime? {
        guard challenge.count == bytes else { return nil }
        let end = challenge[randomBytes..<randomBytes + 8].reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        return BootTime(microseconds: Int64(bitPattern: end))
    }

    private static func message(_ open: [UInt8], _ purpose: Purpose) -> [UInt8] {
        let use =
            switch purpose {
            case .signIn(let key): "sign-in \(key.base64)"
            case .enrolment(let invitation): "enrolment \(invitation.base64)"
            }
        return Array("interlock/challenge/1\n\(use)\n".utf8) + open
    }
}
