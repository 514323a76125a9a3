import InterlockJSON
package import InterlockModel

/// The canonical form of a policy (docs/specs/policy.md, section 6.2), written once: a policy with 10,000 agents has
/// megabytes, and a start needs them for two digests and for the archive.
package struct CanonicalPolicy: Sendable, Equatable {
    /// The RFC 8785 text of the policy itself.
    private let tree: [UInt8]

    /// - Returns: nil if a number of the policy has no canonical form.
    init?(_ document: PolicyDocument) {
        var writer = CanonicalWriter()
        do throws(JSONError) {
            try writer.write(document.root, .record(PolicySchema.policy))
        } catch {
            return nil
        }
        tree = writer.bytes
    }

    /// The input of the digest: the RFC 8785 text of `{"interlock":1,"lock":L,"policy":T}`.
    ///
    /// - Parameter lock: the digest of `interlock.lock`, or nil without a lock.
    package func bytes(lock: Digest?) -> [UInt8] {
        let lock = lock.map { "\"\($0.prefixed)\"" } ?? "null"
        return Array("{\"interlock\":1,\"lock\":\(lock),\"policy\":".utf8) + tree + Array("}".utf8)
    }

    package func digest(_ hashing: any Hashing, lock: Digest?) -> Digest {
        hashing.sha256(bytes(lock: lock))
    }
}
