import InterlockCommandLine
import InterlockDeployment
import InterlockLogReading
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
    /// The policies that were compiled last. A log is read in its order, and each compiled policy is large.
    private var known: [Key: Result<PolicySnapshot, Gone>] = [:]
    /// The keys of `known`, the oldest first.
    private var order: [Key] = []
    private static let mostKnown = 16

    init(_ log: AuditLog) { archive = log.deployment?.policyArchive }

    /// - Returns: a policy whose digest is the recorded one, compiled as of the same time.
    mutating func policy(_ policy: Digest, _ basis: PolicyBasis) -> Result<PolicySnapshot, Gone> {
        guard let bundle = basis.bundle else {
            return .failure(Gone(reason: "its policy was not kept"))
        }
        let key = Key(bundle: bundle, compiled: basis.compiled)
        let compiled: Result<PolicySnapshot, Gone>
        if let one = known[key] {
            compiled = one
        } else {
            compiled = Self.compiled(basis, bundle, archive)
            if order.count == Self.mostKnown { known[order.removeFirst()] = nil }
            order.append(key)
            known[key] = compiled
        }
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
