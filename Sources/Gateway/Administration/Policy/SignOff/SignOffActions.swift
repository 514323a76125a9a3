package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// Signatures of the waiting revision on the people plane. An envelope proves by itself who signed what, so its sender
/// does not matter.
package protocol SignOffActions: Sendable {
    /// Returns the statement for this person's passkey to sign. Stores nothing.
    ///
    /// - Parameters:
    ///   - seen: the digest of everything that a signature covers, of the revision that the person was shown.
    ///   - active: the digest of the policy that it was compared with there.
    func draft(
        of seen: Digest, over active: Digest, for sight: Visibility
    ) throws(SignOffActionRefusal) -> OrderDraft

    /// Adds one signature by an enrolled key or passkey, after verifying it. The sign-off is durable on return, and the
    /// revision is in force if this was the last signature that it waited for.
    func take(_ envelope: Envelope) async throws(SignOffActionRefusal) -> TakenSignOff
}

/// The result of an accepted signature.
package enum TakenSignOff: Sendable, Hashable {
    case inForce
    /// The revision still waits; with the reason in words.
    case waits(String)
}

/// The store of `interlock.signoff`, which belongs to the waiting revision.
package protocol PendingSignOffStore: Sendable {
    /// Replaces the file as a whole: a reader sees either the old or the new one. Durable on return; after an error
    /// either may be there.
    func keep(_ signOff: SignOff) async throws(StoreFailure)
}
