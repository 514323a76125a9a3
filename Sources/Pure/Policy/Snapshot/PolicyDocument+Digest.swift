import InterlockJSON
package import InterlockModel

extension PolicyDocument {
    /// SHA-256 of the canonical form (6.2).
    ///
    /// - Parameter lock: the digest of `interlock.lock`; nil without one.
    /// - Returns: nil when a number of the policy has no canonical form.
    package func digest(_ hashing: any Hashing, lock: Digest? = nil) -> Digest? {
        canonicalPolicy(lock: lock).map(hashing.sha256)
    }

    /// What the digest is of: the RFC 8785 text of `{"interlock":1,"lock":L,"policy":T}`.
    ///
    /// - Returns: as `digest`.
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

    /// Merged, typed, defaults filled in, sets sorted.
    ///
    /// - Parameter keys: those that are treated as not stated.
    func canonical(without keys: Set<String> = []) -> JSONValue? {
        let members = root.members.filter { !keys.contains($0.key) }
        let rest = TypedValue(kind: .record(members), place: root.place, path: root.path)
        return canonicalTree(rest, .record(PolicySchema.policy))
    }
}
