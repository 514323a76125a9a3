package import InterlockModel

/// How people sign by passkey: votes and orders.
package struct PeoplePasskeys: Sendable {
    let register: any SignInRegister
    private let verifier: any AssertionVerifier

    /// - Parameter register: asked with each signature, so that a revocation holds at once.
    package init(register: any SignInRegister, verifier: any AssertionVerifier) {
        self.register = register
        self.verifier = verifier
    }

    /// What became of the counter of a passkey that has signed.
    enum Count {
        case kept, notKept
        /// Another assertion of the same passkey was faster: this one may be a copy.
        case overtaken
    }

    /// Keeps the counter, durable on return. A key has none.
    func count(_ signature: JudgedSignature) async -> Count {
        guard let passkey = signature.passkey else { return .kept }
        do throws(StoreFailure) {
            return try await register.count(passkey.id, passkey.counter) ? .kept : .overtaken
        } catch {
            return .notKept
        }
    }

    /// Its counter went back, so it signs nothing more. Durable or told of on return.
    func suspend(_ id: PasskeyID, alarm: (_ code: String, _ subject: String) -> Void) async {
        alarm("passkey.counter_went_back", register.passkey(id)?.holder.text ?? id.text)
        await register.suspend(id)
    }

    package func judge(_ hashing: any Hashing) -> PasskeyJudge {
        let (register, verifier) = (register, verifier)
        return PasskeyJudge(
            hashing: hashing, find: { register.passkey($0) },
            verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                try verifier.verify(assertion, challenge: challenge, by: passkey)
            })
    }
}
