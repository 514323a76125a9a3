package import InterlockModel
package import InterlockPorts

/// Whose passkeys there are, as far as signing in needs it.
package protocol PasskeyDirectory: Sendable {
    /// From memory, as it is now: a revocation holds as soon as it has returned.
    func passkey(_ id: PasskeyID) -> EnrolledPasskey?

    /// From memory; nil for a person who was revoked.
    func person(_ pseudonym: Pseudonym) -> Person?

    /// Keeps the counter of an assertion that was believed. Durable on return. False when another assertion was
    /// faster: then this one may be a copy.
    func count(_ id: PasskeyID, _ counter: UInt32) async throws(StoreFailure) -> Bool

    /// The counter went back: the passkey signs nothing more, and somebody is told. Holds at once; recorded after.
    func suspend(_ id: PasskeyID) async
}
