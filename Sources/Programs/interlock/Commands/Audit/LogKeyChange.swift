import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// `audit key rotate`: puts a new key in the place of the log's, with the gateway stopped. Each step is
/// durable before the next. Until the rotation counts (`commit`) every start is refused, and the same
/// command goes on from where it stood.
struct LogKeyChange {
    private let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    func run() async throws {
        let keys = try NodeKeys.opened(deployment).logKeys
        try checkAlone(keys)
        try await rotate(.planned, of: setup(), keys)
        // The log may still be published under the old key alone, which a start accepts.
        try setup().open(guardLost: false).close()
    }

    /// After a theft: the old log ends under the new key, and the epoch that is configured begins.
    func runAfterTheft() async throws {
        let keys = try NodeKeys.opened(deployment).logKeys
        let old = try newestEpoch(of: deployment)
        let isNewEpoch = try setup().configuration.origin != old
        let isGoing = keys.former != nil || keys.isLeftOver
        if !isGoing || keys.rotations.last?.cause != .compromise {
            guard isNewEpoch else { throw Failure.sameEpoch(old) }
            try checkAlone(keys)
            try await rotate(.compromise, of: setup().named(old), keys)
        }
        // The stolen key signs nothing more, but its log has not ended.
        if isNewEpoch {
            let change = EpochChange(from: old, try setup(), deployment)
            do throws(LedgerFailure) { _ = try await change.make() } catch {
                throw Failure(error)
            }
        }
        // The new log goes on, and the file of the stolen key is still there.
        do throws(KeyFailure) { try LogKeys.finishOverlap(in: deployment.keys) } catch {
            throw Failure(error)
        }
    }

    private func setup() throws(Failure) -> LedgerSetup {
        try LedgerSetup(deployment, try NodeKeys.opened(deployment))
    }

    /// A third key would leave witnesses and auditors behind who have only one of the two.
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
                // On disk from here: the new key, which signs nothing.
                let key = try LogKeys.prepare(in: deployment.keys, entropy: SystemEntropy())
                prepared = key
                return LogKey(name: log.configuration.origin, publicKey: key.publicKey) {
                    key.sign($0)
                }
            }
            guard let key = prepared else { return }
            // On disk: `key.rotate`, under the old key.
            try HaltFolder.resignEpoch(in: deployment.kill, from: old, by: key)
            // And this node's halts, under the new one.
            try LogKeys.commit(
                LogKeyRotation(from: old, to: key.publicKey, at: at, cause), in: deployment.keys)
        } catch let error as LedgerFailure {
            throw Failure(error)
        } catch let error as KeyFailure {
            throw Failure(error)
        }
    }
}
