package import InterlockModel

/// The workloads that an agent may run as, according to its policy. Each of them suffices.
package struct AgentWorkloads: Hashable, Sendable, CustomStringConvertible {
    /// SHA-256 of the SubjectPublicKeyInfo of its certificate.
    let key: Digest?
    let user: UInt32?
    /// True if a run of `interlock run` is one of them.
    let isRun: Bool

    package var description: String {
        [
            key.map { "key " + $0.prefixed }, user.map { "uid \($0)" },
            isRun ? "a run of `interlock run`" : nil,
        ].compactMap { $0 }.joined(separator: " or ")
    }

    /// - Parameter isOfRun: whether the credential is that of the supervisor of a run that is under way.
    package func admits(_ workload: Workload, isOfRun: Bool) -> Bool {
        if isRun, isOfRun { return true }
        return switch workload {
        case .key(let digest): digest == key
        case .user(let uid): uid == user
        case .anyone: false
        }
    }
}

extension AgentWorkloads {
    /// - Parameter value: a `workloads` record.
    /// - Returns: nil if the record names no workload.
    init?(_ value: TypedValue, _ findings: inout Findings) {
        if let text = value["mtls"], text.text.flatMap(Digest.init(prefixed:)) == nil {
            findings.add(
                .outOfRange, at: text,
                "mtls: write `sha256:` and 64 hexadecimal digits, of the certificate's SubjectPublicKeyInfo"
            )
        }
        key = value["mtls"]?.text.flatMap(Digest.init(prefixed:))
        user = value["uid"]?.integer.flatMap { UInt32(exactly: $0) }
        isRun = value["run"]?.flag == true
        // A key that cannot be read still restricts the agent, which must not become unrestricted.
        guard value["mtls"] != nil || user != nil || isRun else { return nil }
    }
}
