import InterlockGovernor
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// This node as a witness of other logs (C2SP tlog-witness; specs of the ledger, section 11). It never
/// cosigns two checkpoints of one origin that do not follow from each other: the old memory is compared
/// and the new one made durable under the origin's gate, before the answer.
package final class WitnessService: Sendable {
    private let key: CosignerKey
    private let sign: @Sendable ([UInt8]) -> [UInt8]
    private let store: any WitnessStore
    private let clock: any Clock
    private let hashing: any Hashing
    private let verifier: any SignatureVerifier
    private let trust: @Sendable () -> (policy: TrustPolicy, marks: ImmediateWitnessList)
    private let state = Mutex(State())

    private struct State {
        var pace = WitnessRateLimiter()
        /// One per origin that was asked about; bounded by the logs of the trust file.
        var gates = AsyncGates<String>()
    }

    /// - Parameters:
    ///   - sign: by the key's private half, which signs nothing else.
    ///   - trust: whose logs are known, now.
    package init(
        key: CosignerKey, sign: @escaping @Sendable ([UInt8]) -> [UInt8],
        store: any WitnessStore, clock: any Clock, hashing: any Hashing,
        verifier: any SignatureVerifier,
        trust: @escaping @Sendable () -> (policy: TrustPolicy, marks: ImmediateWitnessList)
    ) {
        self.key = key
        self.sign = sign
        self.store = store
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        self.trust = trust
    }

    /// The body of the answer to `add-checkpoint`: a line with the cosignature.
    ///
    /// On disk when it returns: the checkpoint as the last of its origin. If the process dies before,
    /// the log asks again; after, it is told the size by a 409.
    func add(_ body: [UInt8]) async throws(WitnessRefusal) -> String {
        let request: AddCheckpoint
        do throws(AddCheckpointError) { request = try AddCheckpoint(parsing: body) } catch {
            throw .malformed(error)
        }
        let (policy, marks) = trust()
        let rules = WitnessRules(policy: policy, hashing: hashing, verifier: verifier)
        try rules.admit(request)
        let origin = request.checkpoint.origin
        let now = clock.now
        let mayAsk =
            marks.admits(origin: origin, of: policy)
            || state.withLock { $0.pace.admits(origin, at: now.boot) }
        guard mayAsk else { throw .tooMany }
        let gate = gate(of: origin)
        await gate.enter()
        defer { gate.leave() }
        do throws(WitnessRefusal) {
            try rules.extend(try await memory(of: origin)?.checkpoint, by: request)
        } catch {
            if error.isEvidence { await store.keep(evidence: request.noteBytes) }
            throw error
        }
        let memory = WitnessMemory(
            accepting: request, keys: policy.keys(of: origin),
            at: UInt64(clamping: now.wall.seconds), by: key, sign: sign)
        guard memory.note.count <= SignedNote.maximumBytes else { throw .malformed(.tooLarge) }
        do throws(StoreFailure) { try await store.remember(memory, as: name(of: origin)) } catch {
            throw .unavailable
        }
        return memory.answer
    }

    /// The last cosigned note of the origin with this hash; nil when there is none.
    func note(_ hash: String) async throws(WitnessRefusal) -> [UInt8]? {
        do throws(StoreFailure) { return try await store.note(hash) } catch { throw .unavailable }
    }

    private func memory(of origin: String) async throws(WitnessRefusal) -> WitnessMemory? {
        guard let note = try await note(name(of: origin)) else { return nil }
        // What cannot be read must not count as never seen.
        guard let memory = try? WitnessMemory(stored: note, key: key, verifier: verifier),
            memory.checkpoint.origin == origin
        else { throw .unavailable }
        return memory
    }

    private func name(of origin: String) -> String { WitnessMemory.name(of: origin, hashing) }

    private func gate(of origin: String) -> AsyncGate {
        state.withLock { $0.gates.gate(of: origin) }
    }
}
