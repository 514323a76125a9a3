import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting
import Synchronization

@testable import InterlockCluster
@testable import InterlockClusterStore

/// Answers each statement with the same rows, and keeps what was sent.
final class CannedCaller: StoreCaller {
    struct Sent: Hashable, Sendable {
        let statement: String
        let values: [StoreValue]
    }

    private let answer: Result<[[StoreColumn]], StoreCallFailure>
    private let kept = Mutex<[Sent]>([])

    var sent: [Sent] { kept.withLock { $0 } }

    init(_ rows: [[StoreColumn]]) { answer = .success(rows) }
    init(_ failure: StoreCallFailure) { answer = .failure(failure) }

    func run(
        _ statement: String, _ values: [StoreValue]
    ) async throws(StoreCallFailure) -> [[StoreColumn]] {
        kept.withLock { $0.append(Sent(statement: statement, values: values)) }
        return try answer.get()
    }
}

/// Values of the tests of calls.
enum CallCase {
    static let node = NodeName("gw1").unwrapped
    static let other = NodeName("gw2").unwrapped
    static let agent = AgentName("refunds").unwrapped
    static let now = Timestamp(microseconds: 1_795_219_200_000_000)
    static let digest = Digest(words: (1, 2, 3, 4))
    static let run = RunID(milliseconds: 7, random: [UInt8](repeating: 1, count: 10))
    static let request = ApprovalID(milliseconds: 8, random: [UInt8](repeating: 2, count: 10))
    static let key = UnitKey(agent, LimitWindow(limit: "calls", seconds: 60))
    static let use = GrantUse(request: request, number: 1, call: digest, intent: digest)
    static let version = RequestVersion(request, revision: 2, version: 4)
    static let nonce = SpentNonce("nonce", ends: now)
    static let expelled = SilentNodeDetector.Silent(
        node: other, incarnation: Incarnation(3).unwrapped, beat: 9)

    static func take(_ number: Int64 = 1, want: Int64 = 4) -> UnitTake {
        UnitTake(
            id: UnitLeaseID(node, .first, number), key: key, most: 10, want: want,
            until: now + .seconds(30), now: now)
    }

    static let report = UnitReport(
        id: UnitLeaseID(node, .first, 1), used: 3, returned: 1, isEnded: false, at: now,
        now: now + .seconds(1))

    static func draft(_ change: NarrowingChange, by node: NodeName = node) -> EntryDraft {
        draft(.narrowing(change), by: node)
    }

    static func draft(
        _ content: EntryContent, subject: String = "", by node: NodeName = node
    ) -> EntryDraft {
        let statement = ControlStatement(org: "acme", at: now, node: node, content: content)
        let key = PublicKey(bytes: [UInt8](repeating: 9, count: 32)).unwrapped
        let draft = try? EntryDraft(statement, subject: subject, key: key) { _ in
            [UInt8](repeating: 5, count: 64)
        }
        return draft.unwrapped
    }

    static func change(_ kind: RunChange.Kind) -> RunChange {
        RunChange(run: run, node: node, incarnation: .first, term: 5, kind: kind)
    }

    static let claim = RunClaim(
        run: run, agent: agent, node: node, incarnation: .first, number: 3)

    static let heartbeat = StoreHeartbeat(
        incarnation: .first, beat: 6, applied: ChainHead(number: 4, digest: digest),
        horizon: ChangeHorizon(77), starved: [key])

    static let ask = RequestDraft(
        request: request, agent: agent, run: run, uses: 2, ends: now, body: [1, 2],
        takes: [take()])

    static let vote = StoredVote(
        of: version, isLast: true, person: Pseudonym(text: "cHNldWRvbnltcHNldWQ="), nonce: nonce,
        attempt: "attempt", proof: [3], origin: "gw1.log", leaf: 12)
}
