package import InterlockModel
package import InterlockPorts

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
