import InterlockJSON
package import InterlockModel

extension PolicyDocument {
    /// SHA-256 of the canonical form (6.2).
    ///
    /// - Parameter lock: the digest of `interlock.lock`; nil without one.
    /// - Returns: nil when a string of the policy has no canonical form.
    package func digest(_ hashing: any Hashing, lock: Digest? = nil) -> Digest? {
        let tree: JSONValue = [
            "interlock": 1, "lock": lock.map { .string($0.prefixed) } ?? .null,
            "policy": canonical,
        ]
        guard let bytes = try? tree.canonical() else { return nil }
        return hashing.sha256(bytes)
    }

    /// Merged, typed, defaults filled in, sets sorted.
    var canonical: JSONValue { canonicalTree(root, .record(PolicySchema.policy)) }
}
