import InterlockCommandLine
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPorts
import InterlockStore
import InterlockYAML

/// Policies of the past, compiled anew from what was kept of them when they went into force.
struct ReplayPolicies {
    struct Gone: Error {
        let reason: String
    }

    private struct Key: Hashable {
        let bundle: Digest
        let compiled: Timestamp
    }

    private let archive: PolicyArchive?
    /// A node has few in force over its life; each is compiled once.
    private var known: [Key: Result<PolicySnapshot, Gone>] = [:]

    init(_ log: AuditLog) { archive = log.deployment?.policyArchive }

    /// - Returns: a policy whose digest is the recorded one, compiled as of the same time.
    mutating func policy(_ policy: Digest, _ basis: PolicyBasis) -> Result<PolicySnapshot, Gone> {
        guard let bundle = basis.bundle else {
            return .failure(Gone(reason: "its policy was not kept"))
        }
        let key = Key(bundle: bundle, compiled: basis.compiled)
        let compiled = known[key] ?? Self.compiled(basis, bundle, archive)
        known[key] = compiled
        return compiled.flatMap { snapshot in
            snapshot.digest == policy
                ? .success(snapshot)
                : .failure(
                    Gone(
                        reason:
                            "what was kept of its policy has the digest \(snapshot.digest.prefixed)"
                    ))
        }
    }

    private static func compiled(
        _ basis: PolicyBasis, _ digest: Digest, _ archive: PolicyArchive?
    ) -> Result<PolicySnapshot, Gone> {
        guard let archive else { return .failure(Gone(reason: "its policy is not here")) }
        do {
            guard let bytes = try archive.bundle(digest) else {
                return .failure(Gone(reason: "its policy is gone: bundle \(digest.hex)"))
            }
            let bundle = try PolicyBundle(parsing: bytes)
            let lock = try bundle.lock.map { lock throws(LockFile.Unusable) in
                LockUse.read(try LockFile.parse(lock, path: PolicyLock.fileName))
            }
            let reading = PolicyReader.read(
                bundle.files, findings: [], keepsTrees: false, namesCanaries: true)
            return .success(
                try LoadedPolicy(
                    reading, lock: lock ?? .absent, at: basis.compiled, bundle: digest
                ).snapshot)
        } catch let failure as StoreFailure {
            return .failure(Gone(reason: failure.reason))
        } catch {
            return .failure(Gone(reason: "what was kept of its policy does not compile"))
        }
    }
}
