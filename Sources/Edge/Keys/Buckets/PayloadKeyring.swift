package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Keys of payloads for the gateway: derived in memory for runs that are open, kept in buckets. The one
/// writer of `state/keys/buckets`.
package final class PayloadKeyring: Sendable {
    /// Runs a job that blocks on a thread of its own; false when too many wait.
    package typealias Blocking = @Sendable (@escaping @Sendable () -> Void) -> Bool

    private enum Known: Sendable {
        case open(KeyDerivation)
        case erased
        /// The run has records and no key: nothing of it may be encrypted under a new one.
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

    /// Forgotten ones are read from their bucket again.
    private static let remembered = 100_000

    /// Makes the wrapping key and the folder of buckets; part of `interlock init`.
    package static func create(in keys: String, entropy: any Entropy) throws(KeyFailure) {
        try BucketFolder.create(in: keys, entropy: entropy)
    }

    /// - Parameters:
    ///   - keys: `state/keys`.
    ///   - entropy: for salts and nonces; keys come from the kernel.
    /// - Throws: `missing` when there are buckets and their wrapping key is gone, `malformed` when it
    ///   does not open them: nothing may start then, because every later payload would be lost too.
    package init(
        _ keys: String, clock: any Clock, entropy: any Entropy, blocking: @escaping Blocking
    ) throws(KeyFailure) {
        disk = Mutex(try BucketFolder(keys, entropy: SystemEntropy()))
        self.clock = clock
        self.entropy = entropy
        self.blocking = blocking
    }

    /// Encrypts with the key of `name`. Where there is no such key only the commitment is made, which no
    /// permit may carry (`RecordRules`).
    ///
    /// - Parameters:
    ///   - field: the leaf's.
    ///   - salt: when the plaintext is bound to one already; else a random one.
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

    package func isOpen(_ run: RunID) -> Bool {
        memory.withLock { $0.known[.run(run)] != nil }
    }

    /// The run's key is durable on return, or the run has none and gets none.
    ///
    /// - Parameter isNew: whether the log has no record of the run. A run with records and without a key
    ///   has lost it, and is not given another.
    package func open(_ run: RunID, isNew: Bool) {
        let owner = PayloadOwner.run(run)
        guard memory.withLock({ $0.known[owner] == nil }) else { return }
        settle([(owner, isNew)])
    }

    /// The same without blocking the caller's thread; many at once share a flush.
    package func prepare(_ run: RunID, isNew: Bool) async {
        let owner = PayloadOwner.run(run)
        guard memory.withLock({ $0.known[owner] == nil }) else { return }
        await withCheckedContinuation { continuation in
            let isFirst = memory.withLock { memory in
                let isFirst = memory.opening.isEmpty
                memory.opening[owner, default: Opening(isNew: isNew)].waiters.append(
                    continuation)
                return isFirst
            }
            if isFirst, !blocking({ [self] in settleWaiting() }) { settleWaiting() }
        }
    }

    /// Runs what blocks on the keys' own thread, or here when too much waits there.
    func offLoop<Value: Sendable>(
        _ body: @escaping @Sendable () throws(KeyFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let outcome: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = {
                do throws(KeyFailure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(
                        returning: .failure(StoreFailure(reason: error.reason)))
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

    /// Finds or makes the keys of `owners`; whatever cannot be made stays unknown and is tried again.
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

    /// A run's id says when it was made: one from the future would outlive every retention, and one from
    /// long ago would begin in a bucket that is about to go.
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
        // A day's key is made where it is first needed; a run's only where the run begins.
        switch owner {
        case .day: settle([(owner, true)])
        case .run: disk.withLock { folder in _ = try? take(owner, from: &folder) }
        }
        return memory.withLock { $0.known[owner] }?.derivation
    }

    // MARK: Erasing

    /// Destroys keys on disk and forgets them here; blocks. What was destroyed before is no error.
    ///
    /// - Returns: whether there was anything to destroy.
    package func eraseNow(
        runs: Set<RunID>, days: Set<CivilDate>
    ) throws(KeyFailure) -> Bool {
        let owners = Set(runs.map(PayloadOwner.run))
        // Nothing may be sealed with a key that is about to go, nor by whoever has just read it.
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

    /// Days whose keys are here.
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
