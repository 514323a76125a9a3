import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// The nonces of sessions and the proofs used with them: a value without a clock or randomness. A nonce contains its
/// own expiry, authenticated with a key of this process, so issuing one stores nothing; only verified proofs are
/// remembered.
package struct ProofNonces: Sendable {
    package typealias Outcome = ProofUse

    package static let life = Duration.seconds(60)
    /// The limit of proofs per session within the life of a nonce.
    package static let mostOfOne = 16_384

    private static let endBytes = 8
    private static let codeBytes = 24

    private let code: ChallengeRegistry.Code
    /// The identifiers of used proofs with the expiry of their nonces, by session.
    private var used: [Digest: [ExactText: BootTime]] = [:]

    /// - Parameter code: uses a key that ends with the process.
    package init(_ code: @escaping ChallengeRegistry.Code) { self.code = code }

    package var count: Int { used.values.reduce(0) { $0 + $1.count } }

    /// - Parameter session: the hash of the session's token.
    package func nonce(for session: Digest, at now: BootTime) -> String {
        let end = UInt64(bitPattern: (now + Self.life).microseconds)
        let bytes = (0..<Self.endBytes).map { UInt8(truncatingIfNeeded: end >> (56 - 8 * $0)) }
        return Base64.encodeURL(bytes + mark(bytes, session))
    }

    /// The expiry of the nonce, or nil if it has expired, is malformed, or was not issued for this session.
    package func end(of nonce: String, for session: Digest, at now: BootTime) -> BootTime? {
        guard let bytes = Base64.decodeURL(nonce), bytes.count == Self.endBytes + Self.codeBytes
        else { return nil }
        let end = Array(bytes.prefix(Self.endBytes))
        guard equalInConstantTime(bytes.dropFirst(Self.endBytes), mark(end, session)) else {
            return nil
        }
        let time = BootTime(
            microseconds: Int64(bitPattern: end.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
        return now < time ? time : nil
    }

    /// Uses up a verified proof.
    ///
    /// - Parameter end: the expiry of its nonce, after which the nonce itself rules out a replay.
    package mutating func use(
        _ identifier: String, of session: Digest, until end: BootTime, at now: BootTime
    ) -> Outcome {
        var own = used[session] ?? [:]
        used[session] = nil
        defer { used[session] = own }
        guard own[identifier] == nil else { return .usedBefore }
        if own.count >= Self.mostOfOne { own = own.filter { now < $0.value } }
        guard own.count < Self.mostOfOne else { return .tooMany }
        own[identifier] = end
        return .first
    }

    /// Forgets proofs whose nonces have expired.
    package mutating func sweep(at now: BootTime) {
        used = used.compactMapValues { own in
            let live = own.filter { now < $0.value }
            return live.isEmpty ? nil : live
        }
    }

    private func mark(_ end: [UInt8], _ session: Digest) -> [UInt8] {
        Array(
            code(Array("interlock/proof-nonce/1\n".utf8) + session.bytes + end)
                .prefix(Self.codeBytes))
    }
}

extension OneNodeRegistry: SessionProofs where Value == ProofNonces {
    package func nonce(for session: Digest, at now: BootTime) -> String {
        change { $0.nonce(for: session, at: now) }
    }

    package func end(of nonce: String, for session: Digest, at now: BootTime) -> BootTime? {
        change { $0.end(of: nonce, for: session, at: now) }
    }

    package func use(
        _ identifier: String, of session: Digest, until end: BootTime, at now: BootTime
    ) -> ProofUse { change { $0.use(identifier, of: session, until: end, at: now) } }

    package func sweep(at now: BootTime) { change { $0.sweep(at: now) } }
}
