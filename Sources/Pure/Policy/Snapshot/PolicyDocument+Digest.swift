package import InterlockJSON
package import InterlockModel

extension PolicyDocument {
    /// SHA-256 of the canonical form (docs/specs/policy.md, section 6.2).
    ///
    /// - Parameter lock: the digest of `interlock.lock`, or nil without a lock.
    /// - Returns: nil if a number of the policy has no canonical form.
    package func digest(_ hashing: any Hashing, lock: Digest? = nil) -> Digest? {
        CanonicalPolicy(self)?.digest(hashing, lock: lock)
    }

    /// The policy merged and typed, with defaults filled in and sets sorted.
    ///
    /// - Parameter keys: the keys that are treated as not stated.
    package func canonical(without keys: Set<String> = []) -> JSONValue? {
        let members = root.members.filter { !keys.contains($0.key) }
        let rest = TypedValue(kind: .record(members), place: root.place, path: root.path)
        return canonicalTree(rest, .record(PolicySchema.policy))
    }
}
