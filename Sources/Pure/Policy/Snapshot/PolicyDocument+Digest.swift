package import InterlockJSON
package import InterlockModel

extension PolicyDocument {
    /// SHA-256 of the canonical form (docs/specs/policy.md, section 6.2).
    ///
    /// - Parameter lock: the digest of `interlock.lock`, or nil without a lock.
    /// - Returns: nil if a number of the policy has no canonical form.
    package func digest(_ hashing: any Hashing, lock: Digest? = nil) -> Digest? {
        canonicalPolicy(lock: lock).map(hashing.sha256)
    }

    /// The input of the digest: the RFC 8785 text of `{"interlock":1,"lock":L,"policy":T}`.
    ///
    /// - Returns: nil if `digest` is nil.
    package func canonicalPolicy(lock: Digest?) -> [UInt8]? {
        var writer = CanonicalWriter()
        do throws(JSONError) {
            writer.append("{\"interlock\":1,\"lock\":")
            try writer.write(lock.map { .string($0.prefixed) } ?? .null)
            writer.append(",\"policy\":")
            try writer.write(root, .record(PolicySchema.policy))
            writer.append("}")
        } catch {
            return nil
        }
        return writer.bytes
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
