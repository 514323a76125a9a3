package import InterlockApprovals
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
        /// The newest record of each request: what a start looks for in the log begins there.
        var marks: [ApprovalID: UInt64] = [:]
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

    /// Ends what is due. Called every second.
    package func expire() async {
        let now = ports.clock.now.wall
        for request in live where now >= request.due {
            _ = await change(request.id, .tick)
        }
    }
}

/// What the desk needs from outside.
package struct ApprovalPorts: Sendable {
    package let store: any ApprovalStore
    /// nil: the store is believed at a start.
    package let trail: (any ApprovalTrail)?
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let hashing: any Hashing
    /// nil while the trust file cannot be read: then nobody can vote.
    package let trust: TrustFile?
    package let judge: VoteJudge?
    package let useWithin: Duration
    /// Whether people have a console to vote at by passkey.
    package let wantsPasskey: Bool
    package let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    package init(
        store: any ApprovalStore, trail: (any ApprovalTrail)? = nil, ledger: any Ledger,
        records: RecordWriter, clock: any Clock,
        entropy: any Entropy, hashing: any Hashing, trust: TrustFile?,
        verifier: any SignatureVerifier, passkeys: PasskeyJudge? = nil, wantsPasskey: Bool = false,
        useWithin: Duration, alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.store = store
        self.trail = trail
        self.ledger = ledger
        self.records = records
        self.clock = clock
        self.entropy = entropy
        self.hashing = hashing
        self.trust = trust
        judge = trust.map { VoteJudge(trust: $0, verifier: verifier, passkeys: passkeys) }
        self.useWithin = useWithin
        self.wantsPasskey = wantsPasskey
        self.alarm = alarm
    }
}
