package import InterlockModel
package import InterlockPorts

/// Issues and checks the challenges that passkeys sign: each is valid once, for one purpose, for five minutes.
///
/// Issuing a challenge stores nothing, so requests for challenges cannot exhaust the registry: a challenge carries its
/// own expiry, authenticated with a key of this process, and only challenges that a passkey has answered are
/// remembered.
package struct ChallengeRegistry: Sendable {
    /// A keyed hash of 32 bytes that only this process can compute; deterministic.
    package typealias Code = @Sendable (_ message: [UInt8]) -> [UInt8]

    package typealias Purpose = ChallengePurpose
    package typealias Holder = ChallengeHolder
    package typealias Spending = ChallengeSpending

    package static let life = Duration.seconds(300)
    package static let randomBytes = 16
    /// The length of a challenge: random bytes, 8 bytes of expiry in microseconds since boot, and 32 bytes of keyed
    /// hash; 75 characters in base64url.
    package static let bytes = randomBytes + 8 + 32
    /// The number of challenges that each holder may spend within `life`.
    package static let mostOfOne = 128

    private let code: Code
    private var spent: [Holder: [[UInt8]: BootTime]] = [:]

    /// - Parameter code: uses a key that ends with the process, as do its challenges.
    package init(_ code: @escaping Code) { self.code = code }

    package var count: Int { spent.values.reduce(0) { $0 + $1.count } }

    /// - Parameter random: `randomBytes` fresh, unpredictable bytes.
    package func make(_ random: [UInt8], for purpose: Purpose, at now: BootTime) -> [UInt8] {
        let end = UInt64(bitPattern: (now + Self.life).microseconds)
        let open = random + (0..<8).map { UInt8(truncatingIfNeeded: end >> (56 - 8 * $0)) }
        return open + code(Self.message(open, purpose))
    }

    /// Returns whether this process made the challenge for that purpose and it has not expired. It may have been used.
    package func isLive(_ challenge: [UInt8], for purpose: Purpose, at now: BootTime) -> Bool {
        guard let end = Self.end(of: challenge) else { return false }
        let open = Array(challenge.prefix(Self.randomBytes + 8))
        let own = code(Self.message(open, purpose))
        return equalInConstantTime(challenge.dropFirst(open.count), own) && now < end
    }

    /// Returns whether a passkey has already answered the challenge.
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

extension OneNodeRegistry: PasskeyChallenges where Value == ChallengeRegistry {
    package func make(
        _ random: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) -> [UInt8] { change { $0.make(random, for: purpose, at: now) } }

    package func isLive(
        _ challenge: [UInt8], for purpose: ChallengePurpose, at now: BootTime
    ) -> Bool { change { $0.isLive(challenge, for: purpose, at: now) } }

    package func isSpent(_ challenge: [UInt8]) -> Bool { change { $0.isSpent(challenge) } }

    package func spend(
        _ challenge: [UInt8], by holder: ChallengeHolder, at now: BootTime
    ) -> ChallengeSpending { change { $0.spend(challenge, by: holder, at: now) } }
}
