import InterlockAdministration
import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockGovernor
@testable import InterlockWitness

/// A witness in memory: the real service, whose responses a test can replace.
final class FakeWitness: Sendable {
    enum Mood: Sendable {
        case honest
        case down
        /// Does not respond before the gate opens.
        case slow(Gate)
        /// Cosigns another checkpoint.
        case lying
        case status(Int, String)
    }

    let key: CosignerKey
    let url: String
    private let service: WitnessService
    private let mood = Mutex(Mood.honest)
    private let asked = Mutex(0)

    init(_ number: UInt8, knows policy: TrustPolicy, clock: any Clock) {
        guard
            let secret = Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)),
            let key = CosignerKey(
                name: "acme/w\(number)", publicKey: secret.publicKey.bytes,
                hashing: OpenSSLHashing())
        else { preconditionFailure("a seed of 32 bytes is a key") }
        self.key = key
        url = "http://w\(number)/witness"
        service = WitnessService(
            key: key, sign: { secret.sign($0) }, store: MemoryWitnessStore(), clock: clock,
            hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
            trust: {
                let marks =
                    ImmediateWitnessList(parsing: Array("acme/gw1/2026\n".utf8))
                    ?? ImmediateWitnessList()
                return (policy, marks)
            })
    }

    func become(_ new: Mood) { mood.withLock { $0 = new } }

    /// The number of requests received.
    var questions: Int { asked.withLock { $0 } }

    func answer(_ body: [UInt8]) async -> WitnessResponse {
        asked.withLock { $0 += 1 }
        switch mood.withLock({ $0 }) {
        case .honest: return await honest(body)
        case .down: return .failed("connection refused")
        case .slow(let gate):
            await gate.pass()
            return await honest(body)
        case .lying:
            let line = Cosignature(of: "another text\n", at: 1, by: key) { _ in
                [UInt8](repeating: 7, count: 64)
            }.line
            return .answer(status: 200, contentType: "text/plain", body: Array(line.utf8))
        case .status(let status, let text):
            return .answer(status: status, contentType: "text/plain", body: Array(text.utf8))
        }
    }

    private func honest(_ body: [UInt8]) async -> WitnessResponse {
        do throws(WitnessRefusal) {
            let line = try await service.add(body)
            return .answer(status: 200, contentType: "text/plain", body: Array(line.utf8))
        } catch {
            let answer = error.answer
            return .answer(
                status: answer.status, contentType: answer.type, body: Array(answer.text.utf8))
        }
    }
}

/// Finds each witness by its address.
struct FakeWitnesses: WitnessCaller {
    let all: [FakeWitness]

    func post(_ body: [UInt8], to prefix: String, within limit: Duration) async -> WitnessResponse {
        guard let witness = all.first(where: { $0.url == prefix }) else {
            return .failed("unknown")
        }
        return await witness.answer(body)
    }
}

final class MemoryWitnessStore: WitnessStore {
    private let notes = Mutex<[String: [UInt8]]>([:])
    private let evidence = Mutex<[[UInt8]]>([])
    private let isFull = Mutex(false)

    var kept: [[UInt8]] { evidence.withLock { $0 } }
    func fail(_ fails: Bool) { isFull.withLock { $0 = fails } }

    func note(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        notes.withLock { $0[name] }
    }

    func remember(_ memory: WitnessMemory, as name: String) async throws(StoreFailure) {
        guard !isFull.withLock({ $0 }) else { throw StoreFailure(reason: "no room") }
        notes.withLock { $0[name] = memory.note }
    }

    func keep(evidence note: [UInt8]) async { evidence.withLock { $0.append(note) } }
}

/// A log in memory whose durable records the witness client follows.
final class FakeLog: LogTiles {
    let key: VerifierKey
    private let signer: LogKey
    private let tree = TreeHash(OpenSSLHashing())
    private let merkle: Mutex<MerkleTree>
    private let salt: UInt8

    init(salt: UInt8 = 0) {
        guard
            let secret = Ed25519PrivateKey(seed: [UInt8](repeating: 99, count: 32)),
            let key = VerifierKey(
                name: "acme/gw1/2026", publicKey: secret.publicKey.bytes,
                hashing: OpenSSLHashing())
        else { preconditionFailure("a seed of 32 bytes is a key") }
        self.key = key
        self.salt = salt
        signer = LogKey(name: key.name, publicKey: secret.publicKey) { secret.sign($0) }
        merkle = Mutex(MerkleTree(tree))
    }

    var policy: TrustPolicy { TrustPolicy(logs: [key]) }

    /// Appends records and notifies the witness client, as the real log does.
    @discardableResult
    func grow(_ count: Int, _ client: WitnessClient? = nil) -> [UInt8] {
        let hashes = merkle.withLock { merkle in
            (0..<count).map { _ in
                let hash = tree.leaf([salt] + Array("\(merkle.size)".utf8))
                merkle.append(hash)
                return hash
            }
        }
        let note = note
        client?.extend(by: hashes, checkpoint: note)
        return note
    }

    var note: [UInt8] {
        let head = merkle.withLock { merkle in
            Checkpoint(
                origin: key.name, size: merkle.size,
                root: merkle.root(at: merkle.size) ?? tree.emptyRoot)
        }
        return head.signed(id: key.id, by: signer)
    }

    func consistencyProof(oldSize: UInt64, of head: Checkpoint) -> [Digest]? {
        merkle.withLock { $0.consistencyProof(oldSize: oldSize, newSize: head.size) }
    }
}

/// Collects the outcomes that a witness client reports.
final class FakeListener: WitnessListener {
    private let state = Mutex<(alarms: [String], isForked: Bool)>(([], false))
    var alarms: [String] { state.withLock { $0.alarms } }
    var isForked: Bool { state.withLock { $0.isForked } }

    func alarm(_ code: String, subject: String) { state.withLock { $0.alarms.append(code) } }
    func setForked(_ isForked: Bool) { state.withLock { $0.isForked = isForked } }
}
