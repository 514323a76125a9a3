package import InterlockModel

/// The passkeys that are enrolled now, and who judges what they sign.
package struct PasskeyJudge: Sendable {
    package typealias Find = @Sendable (PasskeyID) -> EnrolledPasskey?
    package typealias Verify =
        @Sendable (PasskeyAssertion, _ challenge: [UInt8], EnrolledPasskey)
        throws(AssertionRefusal) -> AssertionFinding

    private let hashing: any Hashing
    private let find: Find
    private let verify: Verify

    /// - Parameters:
    ///   - find: asked for each vote, so that a revocation holds at once.
    ///   - verify: throws the first thing that is wrong; compares counters where the passkey has one.
    package init(hashing: any Hashing, find: @escaping Find, verify: @escaping Verify) {
        self.hashing = hashing
        self.find = find
        self.verify = verify
    }

    struct Signed {
        let passkey: EnrolledPasskey
        let finding: AssertionFinding
    }

    /// - Parameter isStored: it was judged when it came, its counter too.
    func judge(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, isStored: Bool
    ) throws(ApprovalRefusal) -> Signed {
        guard let passkey = find(assertion.credential) else {
            throw .badAssertion(.wrongCredential)
        }
        let challenge = VoteProof.challenge(statement, hashing).bytes
        do throws(AssertionRefusal) {
            let finding = try verify(
                assertion, challenge, isStored ? passkey.withoutCounter : passkey)
            return Signed(passkey: passkey, finding: finding)
        } catch {
            throw .badAssertion(error)
        }
    }
}
