package import InterlockModel
package import InterlockPorts

/// How people sign by passkey: votes and orders.
package struct PeoplePasskeys: Sendable {
    let register: any PasskeyDirectory
    private let verifier: any AssertionVerifier
    private let counted: CountedSignatures

    /// - Parameters:
    ///   - register: asked with each signature, so that a revocation holds at once.
    ///   - since: when this process began.
    package init(
        register: any PasskeyDirectory, verifier: any AssertionVerifier, since: Timestamp
    ) {
        self.register = register
        self.verifier = verifier
        counted = CountedSignatures(since: since)
    }

    /// What became of the counter of a passkey that has signed.
    enum Count {
        case kept, notKept
        /// Another assertion of the same passkey was faster: this one may be a copy.
        case overtaken
    }

    /// Keeps the counter, durable on return. A key has none.
    func count(_ signature: VerifiedSignature) async -> Count {
        guard let passkey = signature.passkey else { return .kept }
        do throws(StoreFailure) {
            guard try await register.count(passkey.id, passkey.counter) else { return .overtaken }
            counted.note(signature.signature, of: passkey.id)
            return .kept
        } catch {
            return .notKept
        }
    }

    /// The counter of a passkey went back under this order, so it signs nothing more. Durable or told of on return.
    ///
    /// - Returns: false where nothing was done, because the order may be one that was signed once and is sent again:
    ///   whoever repeats an order must not suspend a passkey.
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
