import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

// Stubs for what a drill's sub-organisation does not use: it has no approvals and stores nothing.

/// Commits to payloads without storing them.
struct DrillPayloadKeys: PayloadKeys {
    let hashing: any Hashing
    func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload {
        SealedPayload(
            unstored: field, plaintext: plaintext, salt: salt ?? [UInt8](repeating: 0, count: 32),
            hashing: hashing)
    }
    func isOpen(_ run: RunID) -> Bool { true }
    func prepare(_ run: RunID, isNew: Bool) async {}
    func open(_ run: RunID, isNew: Bool) {}
    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool { true }
    func days() async throws(StoreFailure) -> [CivilDate] { [] }
    var status: PayloadKeyStatus { PayloadKeyStatus(lostRuns: 0, failure: nil) }
}

struct DrillApprovals: ApprovalStore, NonceStore {
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        ApprovalRows(open: [], refused: [])
    }
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        ([], 0)
    }
    func version(of id: ApprovalID) async throws(StoreFailure) -> Int? { nil }
    func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite {
        throw StoreFailure(reason: "no person approves in a drill")
    }
    func removeRequests(of erasure: Erasure) async throws(StoreFailure) {}
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool { false }
}

struct DrillPseudonyms: Pseudonyms {
    let hashing: any Hashing
    func pseudonym(of person: Person) -> Pseudonym {
        let digest = hashing.sha256(Array(person.address.utf8))
        return Pseudonym(text: Base64.encode(Array(digest.bytes.prefix(16))))
    }
}

/// Authenticates the canaries of one drill. A credential is `SECRET.AGENT.NUMBER` and is invalid anywhere else.
struct DrillAuthenticator: Authenticator {
    let secret: String
    let expires: Timestamp

    func bearer(_ agent: String, run number: Int = 0) -> String { "\(secret).\(agent).\(number)" }

    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        let parts = (bearer ?? "").split(separator: ".").map(String.init)
        guard parts.count == 3, parts[0] == secret, let agent = AgentName(parts[1]),
            let number = UInt16(parts[2])
        else { throw .unknownKey }
        let random = [UInt8](repeating: 0, count: 8) + [UInt8(number >> 8), UInt8(number & 255)]
        let name = Int64(parts[1].utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff })
        return Principal(
            agent: agent, run: RunID(milliseconds: 1 + name, random: random),
            purpose: .text("drill"),
            onBehalfOf: nil, credential: parts[1] + parts[2], issued: now, expires: expires)
    }
    var revocations: UInt64 { 0 }
    var revokedRuns: [RunID] { [] }
    /// Does nothing: canaries must keep calling after the release, to show that it took effect.
    func revoke(runs: [RunID], now: Timestamp) {}
}

struct DrillStages: TrustStages {
    func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment { .highest }
}

/// The control log of a drill. It stores nothing; while it is stopped it refuses like a store that does not answer.
final class DrillControlLog: ControlLog {
    private let isStopped = Atomic<Bool>(false)

    func stop(_ stopped: Bool) { isStopped.store(stopped, ordering: .sequentiallyConsistent) }

    func append(_ drafts: [ControlDraft]) async throws(StoreFailure) -> [ControlEntry] {
        guard !isStopped.load(ordering: .sequentiallyConsistent) else {
            throw StoreFailure(reason: "the drill has stopped the store")
        }
        return []
    }
    func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry] { [] }
    func newest(of kinds: Set<ControlKind>) async throws(StoreFailure) -> [ControlEntry] { [] }
    func heads() -> AsyncStream<Int64> { AsyncStream { $0.finish() } }
}
