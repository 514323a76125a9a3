package import InterlockModel
package import InterlockPorts

/// Verification of the passkey signatures on votes and orders.
package struct PeoplePasskeys: Sendable {
    let register: any PasskeyDirectory
    private let verifier: any AssertionVerifier
    private let counted: CountedSignatures

    /// - Parameters:
    ///   - register: read for each signature, so that a revocation takes effect at once.
    ///   - since: the start of this process.
    package init(register: any PasskeyDirectory, verifier: any AssertionVerifier, since: Timestamp)
    {
        self.register = register
        self.verifier = verifier
        counted = CountedSignatures(since: since)
    }

    /// The result of storing a passkey's signature counter.
    enum Count {
        case kept, notKept
        /// Another assertion of the same passkey advanced the counter first; this one may come from a clone.
        case overtaken
    }

    /// Stores the signature counter; durable on return. A signature by a key has no counter and returns `kept`.
    func count(_ signature: VerifiedSignature) async -> Count {
        guard let passkey = signature.passkey else { return .kept }
        do throws(StoreFailure) {
            guard try await register.count(passkey.id, passkey.counter) else { return .overtaken }
            counted.note(signature.signature, of: passkey.id)
            return .kept
        } catch { return .notKept }
    }

    /// Suspends a passkey whose counter went back under this order; it can no longer sign. Raises an alert. On return,
    /// the suspension is durable or an alert says that it is not.
    ///
    /// - Returns: false if the order may be a replay of one that was already counted: then nothing is done, because
    ///   replaying an order must not suspend a passkey.
    func suspend(
        _ id: PasskeyID, under order: Envelope, alarm: (_ code: String, _ subject: String) -> Void
    ) async -> Bool {
        guard !counted.mayHave(order, of: id) else { return false }
        alarm("passkey.counter_went_back", register.passkey(id)?.holder.text ?? id.text)
        await register.suspend(id)
        return true
    }

    package func judge(_ hashing: any Hashing) -> EnrolledPasskeyVerifier {
        let (register, verifier) = (register, verifier)
        return EnrolledPasskeyVerifier(
            hashing: hashing, find: { register.passkey($0) },
            verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                try verifier.verify(assertion, challenge: challenge, by: passkey)
            })
    }
}

/// The enrolled passkeys, as signature verification needs them.
package protocol PasskeyDirectory: Sendable {
    /// Reads the current state from memory: a revocation takes effect as soon as it has returned.
    func passkey(_ id: PasskeyID) -> EnrolledPasskey?

    /// Returns nil for a revoked person. Reads from memory.
    func person(_ pseudonym: Pseudonym) -> Person?

    /// Stores the counter of a verified assertion; durable on return. Returns false if another assertion advanced the
    /// counter first; then this one may come from a clone.
    func count(_ id: PasskeyID, _ counter: UInt32) async throws(StoreFailure) -> Bool

    /// Suspends a passkey whose counter went back; it can no longer sign. Takes effect at once and is recorded
    /// afterwards; raises an alert if it cannot be stored.
    func suspend(_ id: PasskeyID) async
}
