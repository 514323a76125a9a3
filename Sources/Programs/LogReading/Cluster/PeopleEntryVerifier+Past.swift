package import InterlockClusterOrders
import InterlockCredentials
package import InterlockModel
package import InterlockPolicy

extension PeopleEntryVerifier {
    /// The rules of entries for a command, which verifies a chain of the past and compares no origin of a console.
    ///
    /// - Parameter policies: returns the policy of a revision, or nil if the command does not have it: elevations under
    ///   that revision cannot be judged.
    package static func ofThePast(
        policies: @escaping @Sendable (_ revision: Digest) -> PolicySnapshot?
    ) -> PeopleEntryVerifier {
        PeopleEntryVerifier(
            hashing: OpenSSLHashing(), signatures: OpenSSLVerifier(),
            assertions: { assertion, challenge, passkey throws(AssertionRefusal) in
                try PasskeyVerifier.ofThePast.verify(assertion, challenge: challenge, by: passkey)
            }, policies: policies)
    }
}
