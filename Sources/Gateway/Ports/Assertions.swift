package import InterlockModel

/// Judges what a browser hands back when a person used a passkey (specs of approvals, section 8). The
/// exact origins are the implementation's own. Pure work without I/O; any thread may ask.
package protocol AssertionVerifier: Sendable {
    /// Looks, in this order, at: the form; `type`; `challenge`; `origin`; `crossOrigin`; the hash of the rp
    /// id; the flags UP and UV; the credential (named, not revoked); the algorithm; the signature; and the
    /// counter, where the passkey has one to compare with: it must be larger, or both 0. Changes nothing;
    /// whoever asks stores the counter. That the nonce in the statement is live is not its matter.
    ///
    /// - Parameters:
    ///   - challenge: the 32 bytes that were to be signed: SHA-256 of the statement's
    ///     pre-authentication encoding.
    ///   - passkey: the one that the assertion names, of the person who is to have signed.
    /// - Throws: the first thing that is wrong.
    func verify(
        _ assertion: PasskeyAssertion, challenge: [UInt8], by passkey: EnrolledPasskey
    ) throws(AssertionRefusal) -> AssertionFinding
}
