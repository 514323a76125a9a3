package import InterlockApprovals
import InterlockJSON
import InterlockLedger
package import InterlockModel
import Synchronization

/// Holds the requests that wait for people. Every change is in the ledger and in the store before
/// anybody can see it; the table in memory is what callers and people look at.
package final class ApprovalDesk: Sendable {
    struct State {
        var table: ApprovalTable
        var waiters: [ApprovalID: [Waiter]] = [:]
        var nonces = NonceBook()
        /// Leaf hashes of the votes, for the record of the use.
        var votes: [ApprovalID: [Digest]] = [:]
    }

    let state: Mutex<State>
    let gate = AsyncGate()
    let ports: ApprovalPorts

    package init(_ ports: ApprovalPorts, limits: ApprovalTable.Limits) {
        self.ports = ports
        state = Mutex(State(table: ApprovalTable(limits: limits)))
    }

    package var pendingCount: Int { state.withLock { $0.table.pendingCount } }
    package var live: [ApprovalRequest] { state.withLock { $0.table.live } }
    package subscript(id: ApprovalID) -> ApprovalRequest? { state.withLock { $0.table[id] } }

    /// Takes back what was open when the last process ended. A stored request that does not read as it
    /// was written is left out: it can never be granted, and the alarm names it. Without a trust file
    /// nobody could vote, so nothing is taken back.
    package func restore() async throws(StoreFailure) {
        guard let judge = ports.judge else { return }
        for stored in try await ports.store.open() {
            let body = stored["request"] ?? .null
            do throws(ApprovalRefusal) {
                let request = try ApprovalRequest(
                    json: body, judge: judge, hashing: ports.hashing)
                let votes = (stored["votes"]?.array ?? []).compactMap {
                    $0.string.flatMap(Digest.init(base64:))
                }
                state.withLock { state in
                    state.table.put(request)
                    state.votes[request.id] = votes
                }
            } catch {
                ports.alarm("approval.unreadable", body["review"]?["request"]?.string ?? "")
            }
        }
    }

    /// Ends what is due. Called every second.
    package func expire() async {
        let now = ports.clock.now.wall
        for request in live where now >= (request.grantEnds ?? request.expires) {
            _ = await change(request.id, .tick)
        }
    }
}

/// What the desk needs from outside.
package struct ApprovalPorts: Sendable {
    package let store: any ApprovalStore
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let hashing: any Hashing
    /// nil while the trust file cannot be read: then nobody can vote.
    package let trust: TrustFile?
    package let judge: VoteJudge?
    package let useWithin: Duration
    package let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    package init(
        store: any ApprovalStore, ledger: any Ledger, records: RecordWriter, clock: any Clock,
        entropy: any Entropy, hashing: any Hashing, trust: TrustFile?,
        verifier: any SignatureVerifier,
        useWithin: Duration, alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.store = store
        self.ledger = ledger
        self.records = records
        self.clock = clock
        self.entropy = entropy
        self.hashing = hashing
        self.trust = trust
        judge = trust.map { VoteJudge(trust: $0, verifier: verifier) }
        self.useWithin = useWithin
        self.alarm = alarm
    }
}
