/// The passkeys that are enrolled, and who judges what they sign.
package struct EnrolledPasskeyVerifier: Sendable {
    package typealias Find = @Sendable (PasskeyID) -> EnrolledPasskey?
    package typealias Verify =
        @Sendable (PasskeyAssertion, _ challenge: [UInt8], EnrolledPasskey)
        throws(AssertionRefusal) -> AssertionFinding

    private let hashing: any Hashing
    private let find: Find
    private let verify: Verify

    /// - Parameters:
    ///   - find: asked for each signature, so that a revocation holds at once.
    ///   - verify: throws the first thing that is wrong; compares counters where the passkey has one.
    package init(hashing: any Hashing, find: @escaping Find, verify: @escaping Verify) {
        self.hashing = hashing
        self.find = find
        self.verify = verify
    }

    /// Of whomever, whether it counts or not.
    package func passkey(_ id: PasskeyID) -> EnrolledPasskey? { find(id) }

    /// - Parameter message: the pre-authentication encoding, whose SHA-256 is the challenge.
    package func judge(
        _ assertion: PasskeyAssertion, over message: [UInt8], by passkey: EnrolledPasskey
    ) throws(AssertionRefusal) -> AssertionFinding {
        try verify(assertion, hashing.sha256(message).bytes, passkey)
    }
}
