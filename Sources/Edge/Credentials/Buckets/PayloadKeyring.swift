package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Payload keys for the gateway: derived in memory for open runs, stored in buckets. The only writer of
/// `state/keys/buckets`.
///
/// INVARIANT: a run's key is on disk before its first record; a run that lost its key permits nothing. Kept by
/// `KeyringTests`, `PayloadTests`.
package final class PayloadKeyring: Sendable {
    /// Runs a blocking job on another thread. Returns false if too many jobs wait.
    package typealias Blocking = @Sendable (@escaping @Sendable () -> Void) -> Bool

    private enum Known: Sendable {
        case open(KeyDerivation)
        case erased
        /// The run has records but no key. It must not be encrypted under a new key.
        case lost

        var derivation: KeyDerivation? {
            if case .open(let keys) = self { keys } else { nil }
        }
    }
    private struct Opening {
        let isNew: Bool
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private struct Memory {
        var known: [PayloadOwner: Known] = [:]
        var opening: [PayloadOwner: Opening] = [:]
        var failure: String?
    }

    private let memory = Mutex(Memory())
    private let disk: Mutex<BucketFolder>
    private let blocking: Blocking
    private let clock: any Clock
    private let entropy: any Entropy
    private let cipher = OpenSSLPayloadCipher()
    private let hashing = OpenSSLHashing()

    /// The maximum number of owners in memory; above it all are dropped and read from their buckets again.
    private static let remembered = 100_000

    /// Creates the wrapping key and the folder of buckets, for `interlock init`.
    package static func create(in keys: String, entropy: any Entropy) throws(KeyFailure) {
        try BucketFolder.create(in: keys, entropy: entropy)
    }

    /// - Parameters:
    ///   - keys: `state/keys`.
    ///   - entropy: the source of salts and nonces; keys come from the kernel.
    /// - Throws: `missing` if there are buckets without a wrapping key, `malformed` if the key does not open them.
    ///   The gateway must not start then, because every later payload would be lost too.
    package init(
        _ keys: String, clock: any Clock, entropy: any Entropy, blocking: @escaping Blocking
    ) throws(KeyFailure) {
        disk = Mutex(try BucketFolder(keys, entropy: SystemEntropy()))
        self.clock = clock
        self.entropy = entropy
        self.blocking = blocking
    }

    /// Encrypts with the key of `name`. If there is no such key, only the commitment is made, which `RecordRules`
    /// does not accept for a permit.
    ///
    /// - Parameters:
    ///   - field: the field of the leaf.
    ///   - salt: the salt that already binds the plaintext, or nil for a random one.
    package func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload {
        guard plaintext.count <= PayloadForm.maximumBytes, let name,
            let keys = derivation(name.owner)
        else {
            return SealedPayload(
                unstored: field, plaintext: plaintext,
                salt: salt ?? entropy.bytes(PayloadForm.saltBytes), hashing: hashing)
        }
        let random = salt.map { PayloadRandom(salt: $0, entropy) } ?? PayloadRandom(entropy)
        return SealedPayload(
            field: field, plaintext: plaintext, key: keys.key(info: name.info), random: random,
            cipher: cipher, hashing: hashing)
    }

    // MARK: Opening

    package func isOpen(_ run: RunID) -> Bool { memory.withLock { $0.known[.run(run)] != nil } }

    /// Loads or creates the run's key. On return the key is durable, or the run has no key and will not get one;
    /// after a failure, which `status` reports, the next use tries again.
    ///
    /// - Parameter isNew: whether the log has no record of the run. A run with records but without a key has lost it
    ///   and is not given another.
    package func open(_ run: RunID, isNew: Bool) {
        let owner = PayloadOwner.run(run)
        guard memory.withLock({ $0.known[owner] == nil }) else { return }
        settle([(owner, isNew)])
    }

    /// Does the same without blocking the caller's thread; concurrent calls share a flush.
    package func prepare(_ run: RunID, isNew: Bool) async {
        let owner = PayloadOwner.run(run)
        guard memory.withLock({ $0.known[owner] == nil }) else { return }
        await withCheckedContinuation { continuation in
            let isFirst = memory.withLock { memory in
                let isFirst = memory.opening.isEmpty
                memory.opening[owner, default: Opening(isNew: isNew)].waiters.append(continuation)
                return isFirst
            }
            if isFirst, !blocking({ [self] in settleWaiting() }) { settleWaiting() }
        }
    }

    /// Runs blocking work on the keys' own thread, or on the caller's if too many jobs wait there.
    func offLoop<Value: Sendable>(
        _ body: @escaping @Sendable () throws(KeyFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let outcome: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = {
                do throws(KeyFailure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(StoreFailure(reason: error.reason)))
                }
            }
            if !blocking(job) { job() }
        }
        return try outcome.get()
    }

    private func settleWaiting() {
        let opening = memory.withLock { memory in
            defer { memory.opening = [:] }
            return memory.opening
        }
        settle(opening.map { ($0.key, $0.value.isNew) })
        for waiter in opening.values.flatMap(\.waiters) { waiter.resume() }
    }

    /// Loads or creates the keys of `owners`. A key that cannot be created stays unknown and is tried again.
    private func settle(_ owners: [(owner: PayloadOwner, isNew: Bool)]) {
        disk.withLock { folder in
            do throws(KeyFailure) {
                var missing: [PayloadOwner] = []
                for (owner, isNew) in owners where try !take(owner, from: &folder) {
                    if isNew, isFit(owner.day) {
                        missing.append(owner)
                    } else {
                        remember(.lost, of: owner)
                    }
                }
                try folder.add(missing)
                for owner in missing { _ = try take(owner, from: &folder) }
                if !missing.isEmpty { memory.withLock { $0.failure = nil } }
            } catch {
                memory.withLock { $0.failure = error.reason }
            }
        }
    }

    /// - Returns: whether the folder knows the owner.
    private func take(
        _ owner: PayloadOwner, from folder: inout BucketFolder
    ) throws(KeyFailure) -> Bool {
        switch try folder.answer(owner) {
        case .missing: return false
        case .erased: remember(.erased, of: owner)
        case .key(let key): remember(.open(KeyDerivation(secret: key)), of: owner)
        }
        return true
    }

    /// Returns whether a key may be created for a run of `day`, which the run's id states. A future day would outlive
    /// every retention period, and an old day's bucket is about to be erased.
    private func isFit(_ day: CivilDate) -> Bool {
        let today = clock.wall.day.daysSince1970
        return (today - PayloadRetention.shortestDays...today + 1).contains(day.daysSince1970)
    }

    private func remember(_ known: Known, of owner: PayloadOwner) {
        memory.withLock { memory in
            if memory.known.count >= Self.remembered { memory.known = [:] }
            memory.known[owner] = known
        }
    }

    private func derivation(_ owner: PayloadOwner) -> KeyDerivation? {
        if let known = memory.withLock({ $0.known[owner] }) { return known.derivation }
        // A day's key is created at first use; a run's key only when the run begins.
        switch owner {
        case .day: settle([(owner, true)])
        case .run: disk.withLock { folder in _ = try? take(owner, from: &folder) }
        }
        return memory.withLock { $0.known[owner] }?.derivation
    }

    // MARK: Erasing

    /// Destroys keys on disk and drops them from memory; blocks. Keys that were already destroyed are no error.
    ///
    /// - Returns: whether there was anything to destroy.
    package func eraseNow(runs: Set<RunID>, days: Set<CivilDate>) throws(KeyFailure) -> Bool {
        let owners = Set(runs.map(PayloadOwner.run))
        // Marked before the keys go, so that nothing is sealed with a key that is about to be destroyed.
        forget(owners, days, as: .erased)
        let outcome: Result<Bool, KeyFailure> = disk.withLock { folder in
            do throws(KeyFailure) {
                return .success(try folder.erase(owners: owners, days: days))
            } catch {
                return .failure(error)
            }
        }
        if case .success = outcome {
            forget(owners, days, as: .erased)
        } else {
            forget(owners, days, as: nil)
        }
        return try outcome.get()
    }

    private func forget(_ owners: Set<PayloadOwner>, _ days: Set<CivilDate>, as known: Known?) {
        memory.withLock { memory in
            for owner in owners { memory.known[owner] = known }
            for owner in memory.known.keys where days.contains(owner.day) {
                memory.known[owner] = known
            }
        }
    }

    /// The days that have keys.
    package func daysNow() throws(KeyFailure) -> [CivilDate] {
        let outcome: Result<[CivilDate], KeyFailure> = disk.withLock { folder in
            do throws(KeyFailure) { return .success(try folder.daysInUse()) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    package var status: PayloadKeyStatus {
        memory.withLock { memory in
            PayloadKeyStatus(
                lostRuns: memory.known.values.count { if case .lost = $0 { true } else { false } },
                failure: memory.failure)
        }
    }
}

extension PayloadKeyring: PayloadKeys {
    package func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool {
        try await offLoop { () throws(KeyFailure) in try self.eraseNow(runs: runs, days: days) }
    }

    package func days() async throws(StoreFailure) -> [CivilDate] {
        try await offLoop { () throws(KeyFailure) in try self.daysNow() }
    }
}
