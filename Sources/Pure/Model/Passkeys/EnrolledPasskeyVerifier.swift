/// The enrolled passkeys and the verification of their assertions.
package struct EnrolledPasskeyVerifier: Sendable {
    package typealias Find = @Sendable (PasskeyID) -> EnrolledPasskey?
    package typealias Verify =
        @Sendable (PasskeyAssertion, _ challenge: [UInt8], EnrolledPasskey)
        throws(AssertionRefusal) -> AssertionFinding

    private let hashing: any Hashing
    private let find: Find
    private let verify: Verify

    /// - Parameters:
    ///   - find: looks up the passkey for each signature, so that a revocation takes effect at once.
    ///   - verify: throws the first failed check; compares counters only if the passkey has one.
    package init(hashing: any Hashing, find: @escaping Find, verify: @escaping Verify) {
        self.hashing = hashing
        self.find = find
        self.verify = verify
    }

    /// Returns the passkey with this id, of any person and even if it is revoked or expired.
    package func passkey(_ id: PasskeyID) -> EnrolledPasskey? { find(id) }

    /// - Parameter message: the pre-authentication encoding, whose SHA-256 is the challenge.
    package func judge(
        _ assertion: PasskeyAssertion, over message: [UInt8], by passkey: EnrolledPasskey
    ) throws(AssertionRefusal) -> AssertionFinding {
        try verify(assertion, hashing.sha256(message).bytes, passkey)
    }
}
