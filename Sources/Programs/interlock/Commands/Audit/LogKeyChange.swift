import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore
import InterlockWitnessing

/// Implements `audit key rotate`: replaces the log's key while the gateway is stopped. Each step is durable before the
/// next begins. Until the rotation takes effect (`commit`), every start is refused, and repeating the command continues
/// where it stopped.
struct LogKeyChange {
    private let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    func run() async throws {
        let keys = try NodeKeys.opened(deployment).heldLogKeys()
        try checkAlone(keys)
        try await rotate(.planned, of: setup(), keys)
        // The log may still be published under the old key only, which a start accepts.
        try setup().open(guardLost: false).close()
    }

    /// Rotates after a theft: the old log ends under the new key, and the configured epoch begins.
    func runAfterTheft() async throws {
        let keys = try NodeKeys.opened(deployment).heldLogKeys()
        let old = try newestEpoch(of: deployment)
        let isNewEpoch = try setup().configuration.origin != old
        let isGoing = keys.former != nil || keys.isLeftOver
        if !isGoing || keys.rotations.last?.cause != .compromise {
            guard isNewEpoch else { throw Failure.sameEpoch(old) }
            try checkAlone(keys)
            try await rotate(.compromise, of: setup().named(old), keys)
        }
        // The stolen key can no longer sign, but its log has not ended yet.
        if isNewEpoch {
            let change = EpochChange(from: old, try setup(), deployment)
            do throws(LedgerFailure) { _ = try await change.make() } catch {
                throw Failure(error)
            }
        }
        // The new log is in use, but the file of the stolen key still exists.
        do throws(KeyFailure) { try LogKeys.finishOverlap(in: deployment.keys) } catch {
            throw Failure(error)
        }
    }

    /// Lists the new key. A stolen key is no longer listed, and the new key signs for the epoch that begins now.
    private func listed(
        _ new: PublicKey, _ cause: LogKeyRotation.Cause, instead old: PublicKey
    ) throws(Failure) {
        let name = deployment.configuration.ledger.origin
        guard
            let key = VerifierKey(name: name, publicKey: new.bytes, hashing: OpenSSLHashing())
        else { throw Failure(.data, "`\(name)` is no name of a log") }
        try deployment.trust.list(own: key, replacing: cause == .compromise ? old : nil)
    }

    private func setup() throws(Failure) -> LedgerSetup {
        try LedgerSetup(deployment, try NodeKeys.opened(deployment))
    }

    /// A third key would exclude witnesses and auditors who have only one of the other two.
    private func checkAlone(_ keys: LogKeys) throws(Failure) {
        guard keys.former == nil, !keys.isLeftOver else {
            let until = keys.rotations.last?.until.rfc3339(fractionDigits: 0) ?? "the next start"
            throw Failure(
                .cannotCreate, "the last rotation is not over: two keys are in use until \(until)",
                help: "the first start after that destroys the older one")
        }
    }

    private func rotate(
        _ cause: LogKeyRotation.Cause, of log: LedgerSetup, _ keys: LogKeys
    ) async throws {
        let old = keys.current.publicKey
        var prepared: Ed25519PrivateKey?
        let at: Timestamp
        do {
            at = try await KeyRotation(log.configuration, log.tools).record(cause: cause.rawValue) {
                // If the process dies from here on, the new key is on disk but does not sign yet.
                let key = try LogKeys.prepare(in: deployment.keys, entropy: SystemEntropy())
                prepared = key
                return LogKey(name: log.configuration.origin, publicKey: key.publicKey) {
                    key.sign($0)
                }
            }
            guard let key = prepared else { return }
            // If the process dies here, `key.rotate`, signed by the old key, is on disk as well.
            try HaltFolder.resignEpoch(in: deployment.kill, from: old, by: key)
            // If the process dies here, the epoch of this node's halts is also signed by the new key on disk.
            try listed(key.publicKey, cause, instead: old)
            // If the process dies here, `trust.policy` lists the new key as well.
            try LogKeys.commit(
                LogKeyRotation(from: old, to: key.publicKey, at: at, cause), in: deployment.keys)
        } catch let error as LedgerFailure {
            throw Failure(error)
        } catch let error as KeyFailure {
            throw Failure(error)
        }
    }
}
