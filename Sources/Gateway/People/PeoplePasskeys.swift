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

    package func judge(_ hashing: any Hashing) -> PasskeyJudge {
        let (register, verifier) = (register, verifier)
        return PasskeyJudge(
            hashing: hashing, find: { register.passkey($0) },
            verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                try verifier.verify(assertion, challenge: challenge, by: passkey)
            })
    }
}
