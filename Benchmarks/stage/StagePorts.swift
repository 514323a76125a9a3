import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety
import Synchronization

/// Finds nothing in any text, without a search.
struct NoFindings: ResultInspector {
    let rules = Digest(words: (1, 2, 3, 4))
    let generation: UInt64 = 0
    func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? { .clean }
    func inspect(_ texts: [String], for agent: AgentName) async -> ResultInspection { .clean }
    func parts(in texts: [String]) -> [ValuePart]? { [] }
    func refresh() {}
}

/// An audit log that accepts every record and stores nothing.
final class NoLedger: Ledger {
    private let receipt = Receipt(index: 0, leafHash: Digest(words: (1, 2, 3, 4)))
    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt { receipt }
    @discardableResult func note(_ record: RecordDraft) -> Digest? { nil }
    func knows(run: RunID) -> Bool { true }
    func hasEnded(run: RunID) -> Bool { false }
    func takeOpenRuns() -> [RunID: RunExpiry] { [:] }
    var uncheckedCalls: [Digest: UncheckedCall] { [:] }
    var status: LedgerStatus {
        LedgerStatus(size: 0, root: Digest(words: (0, 0, 0, 0)), openIntents: 0, refusing: nil)
    }
}

/// Commits to payloads without storing them.
final class NoKeys: PayloadKeys {
    private let hashing = OpenSSLHashing()
    func seal(
        _ plaintext: [UInt8], in field: String, as name: PayloadName?, salt: [UInt8]?
    ) -> SealedPayload {
        SealedPayload(
            unstored: field, plaintext: plaintext, salt: salt ?? [UInt8](repeating: 1, count: 32),
            hashing: hashing)
    }
    func isOpen(_ run: RunID) -> Bool { true }
    func prepare(_ run: RunID, isNew: Bool) async {}
    func open(_ run: RunID, isNew: Bool) {}
    func erase(runs: Set<RunID>, days: Set<CivilDate>) async throws(StoreFailure) -> Bool { true }
    func days() async throws(StoreFailure) -> [CivilDate] { [] }
    var status: PayloadKeyStatus { PayloadKeyStatus(lostRuns: 0, failure: nil) }
}

/// A store that stays empty, because no call of the benchmark needs approval.
struct NoRequests: ApprovalStore, NonceStore {
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        ApprovalRows(open: [], refused: [])
    }
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        ([], 0)
    }
    func version(of id: ApprovalID) async throws(StoreFailure) -> Int? { nil }
    func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite { .superseded }
    func removeRequests(of erasure: Erasure) async throws(StoreFailure) {}
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool { false }
}

/// Server `desk` with the tool `look`, which responds at once.
struct OneServer: Upstreams {
    private static let tools: [JSONValue] = [
        [
            "name": "look", "description": "a tool",
            "inputSchema": [
                "type": "object",
                "properties": ["n": ["type": "integer"], "text": ["type": "string"]],
            ],
        ]
    ]
    private static let result: JSONObject = ["content": [["type": "text", "text": "done"]]]
    private static let bytes = JSONValue.object(result).serialized()

    func view(of server: ServerName) -> CatalogState { .ready(generation: 1, tools: Self.tools) }
    func offers(of server: ServerName) -> ServerFeatures { ServerFeatures() }
    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        .result(Self.result, bytes: Self.bytes)
    }
    func strayAnswers(of server: ServerName) -> Int { 0 }
    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren { EndingChildren() }
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (String) -> Void
    ) {}
    func strayUpdates(of server: ServerName) -> Int { 0 }
}

/// Authenticates every caller as `clerk`.
struct OneAgent: Authenticator {
    private let principal: Principal?

    init(_ now: Timestamp) {
        principal = AgentName("clerk").map {
            Principal(
                agent: $0, run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
                purpose: .text("bench"), onBehalfOf: nil, credential: "jti",
                issued: now + .seconds(3600), expires: now + .seconds(3600))
        }
    }

    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let principal else { throw .malformed }
        return principal
    }
    var revocations: UInt64 { 0 }
    var revokedRuns: [RunID] { [] }
    func revoke(runs: [RunID], now: Timestamp) {}
}

struct Trusted: TrustStages {
    func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment { .highest }
}

struct Plain: Pseudonyms {
    func pseudonym(of person: Person) -> Pseudonym { Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==") }
}

/// Stores the one response.
final class Answers: Exchange {
    private let kept = Mutex<HTTPResponse?>(nil)
    var response: HTTPResponse? { kept.withLock { $0 } }

    func respond(_ response: HTTPResponse) { kept.withLock { $0 = response } }
    func startEvents(headers: [(name: String, value: String)]) {}
    func send(event: [UInt8]) {}
    func endEvents() {}
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {}
}
