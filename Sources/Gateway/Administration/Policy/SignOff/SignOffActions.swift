package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// Signatures under the revision that waits, as the people plane takes them. Who carries one does not matter: it says
/// itself who signed what.
package protocol SignOffActions: Sendable {
    /// What this person's passkey is to sign. Nothing of it is kept.
    ///
    /// - Parameters:
    ///   - seen: the digest of everything that a signature covers, of the revision that the person was shown.
    ///   - active: of the policy that it was compared with there.
    func draft(
        of seen: Digest, over active: Digest, for sight: Visibility
    ) throws(SignOffActionRefusal) -> OrderDraft

    /// One signature by an enrolled key or passkey, judged before anything is written. The sign-off is durable on
    /// return, and the revision is in force if that was the last that it waited for.
    func take(_ envelope: Envelope) async throws(SignOffActionRefusal) -> TakenSignOff
}

/// What became of a signature that was taken.
package enum TakenSignOff: Sendable, Hashable {
    case inForce
    /// Why not, in words.
    case waits(String)
}

/// Where `interlock.signoff` lies, beside the revision that waits.
package protocol PendingSignOffStore: Sendable {
    /// Puts the whole file in place: whoever reads it sees the old one or the new one. Durable on return; after an
    /// error either may be there.
    func keep(_ signOff: SignOff) async throws(StoreFailure)
}
