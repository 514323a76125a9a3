import InterlockJSON
package import InterlockModel

/// Verifies the signers of a lock by enrolled keys: an owner of the policy in force or the role `security`,
/// as for a sign-off. One signer is enough, because the revision with which the lock takes effect needs its
/// own sign-off, which covers the lock (decision 0016).
///
/// INVARIANT: once a signed lock was in force, no other takes its place unsigned; without one no server is offered.
/// Kept by `LockSigningTests`, `test_lock.py`.
package struct LockVerifier: Sendable {
    private let trust: AuthorizedKeys
    private let verifier: any SignatureVerifier

    package init(trust: AuthorizedKeys, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    /// - Parameters:
    ///   - owners: the owners of the policy in force.
    ///   - now: keys that are revoked, or expired by then, do not count.
    /// - Returns: the people whose signatures count, sorted; at least one.
    package func signers(
        of lock: PolicyLock, owners: Set<Person>, at now: Timestamp
    ) throws(LockProblem) -> [Person] {
        guard !lock.signatures.isEmpty else { throw .unsigned }
        let message = preAuthenticationEncoding(PayloadType.lock.text, lock.statement)
        var signers: Set<Person> = []
        var others: Set<Person> = []
        for signature in lock.signatures {
            guard verifier.verifies(signature.bytes, of: message, by: signature.key.bytes) else {
                throw .badSignature(signature.key)
            }
            guard let (person, key) = trust.holder(of: signature.key) else { continue }
            if key.isRevoked || key.isExpired(at: now)
                || !(owners.contains(person.person) || person.roles.contains(.security))
            {
                others.insert(person.person)
            } else {
                signers.insert(person.person)
            }
        }
        guard !signers.isEmpty else { throw .notEntitled(others.sorted()) }
        return signers.sorted()
    }
}

extension PolicyLock {
    /// The statement that each person signs, in the form of DSSE: the RFC 8785 bytes of
    /// `{"content":"sha256:...","interlockLock":1}`. It contains the digest, because ssh-agent signs no
    /// message above 256 KiB, and a lock may have 16 MiB.
    package var statement: [UInt8] {
        Array("{\"content\":\"\(content.prefixed)\",\"interlockLock\":1}".utf8)
    }
}
