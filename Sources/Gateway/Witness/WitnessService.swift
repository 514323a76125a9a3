import InterlockGovernor
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// This node as a witness of other logs (C2SP tlog-witness; docs/specs/ledger.md, section 11). It never cosigns two
/// checkpoints of one origin that do not follow from each other: under the origin's gate, the stored checkpoint is
/// compared and the new one made durable before the response.
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
    }
    /// One checkpoint at a time for each origin.
    private let gates = AsyncGates<String>()

    /// - Parameters:
    ///   - sign: signs with the key's private half, which signs nothing else.
    ///   - trust: returns the trust policy and the list in force.
    package init(
        key: CosignerKey, sign: @escaping @Sendable ([UInt8]) -> [UInt8], store: any WitnessStore,
        clock: any Clock, hashing: any Hashing, verifier: any SignatureVerifier,
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

    /// Handles `add-checkpoint`, and returns the body of the response: a line with the cosignature.
    ///
    /// On return the checkpoint is durable as the last of its origin. If the process dies before that, the log asks
    /// again; if it dies later, the log learns the size from a 409.
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
        await gates.enter(origin)
        defer { gates.leave(origin) }
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

    /// Returns the last cosigned note of the origin with this hash, or nil if nothing of it was cosigned.
    func note(_ hash: String) async throws(WitnessRefusal) -> [UInt8]? {
        do throws(StoreFailure) { return try await store.note(hash) } catch { throw .unavailable }
    }

    private func memory(of origin: String) async throws(WitnessRefusal) -> WitnessMemory? {
        guard let note = try await note(name(of: origin)) else { return nil }
        // An unreadable note must not count as an origin that was never seen.
        guard let memory = try? WitnessMemory(stored: note, key: key, verifier: verifier),
            memory.checkpoint.origin == origin
        else { throw .unavailable }
        return memory
    }

    private func name(of origin: String) -> String { WitnessMemory.name(of: origin, hashing) }
}
