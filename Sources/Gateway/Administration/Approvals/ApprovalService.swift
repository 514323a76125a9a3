package import InterlockAlerts
package import InterlockApprovals
package import InterlockGovernor
import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Holds the requests that wait for people. Every change is in the ledger and in the store before
/// anybody can see it; the table in memory is what callers and people look at.
package final class ApprovalService: CallApprovals {
    struct State {
        var table: ApprovalTable
        var waiters: [ApprovalID: [ApprovalWaiter]] = [:]
        var nonces = VoteNonceRegistry()
        /// Leaf hashes of the votes, for the record of the use.
        var votes: [ApprovalID: [Digest]] = [:]
        /// The newest record of each request: what a start looks for in the log begins there.
        var marks: [ApprovalID: UInt64] = [:]
        /// nil until the log was read for it.
        var glass: BreakGlassHistory?
        /// Uses that the alarm of a missing review was raised for.
        var told: Set<BreakGlassHistory.Use> = []
        var probes = ProbeRegistry()
        var planned: [PlannedProbe] = []
        /// When each person was asked by a probe last, decided or not.
        var probed: [Pseudonym: Timestamp] = [:]
        /// How people decided; nil while it is read from the log.
        var history: ApprovalHistory? = ApprovalHistory()
        /// When what is old was forgotten last.
        var forgot: Timestamp?
        /// When a caller was last shown where its call waits.
        var prompted: [ApprovalID: BootTime] = [:]
    }

    let state: Mutex<State>
    let gate = AsyncGate()
    let news = ChangeNotifier()
    package let figures = ApprovalFigures()
    let historyReading = Mutex<Task<Void, Never>?>(nil)
    let ports: ApprovalPorts

    package init(_ ports: ApprovalPorts, limits: ApprovalTable.Limits) {
        self.ports = ports
        state = Mutex(State(table: ApprovalTable(limits: limits)))
    }

    package var hashing: any Hashing { ports.hashing }
    package var takesConsent: Bool { ports.takesConsent }
    /// As people see it: probes are among them.
    package var pendingCount: Int {
        state.withLock { $0.table.pendingCount + $0.probes.live.count }
    }
    package var live: [ApprovalRequest] { state.withLock { Array($0.table.open.values) } }
    /// What ended last, in no order.
    package var ended: [ApprovalRequest] { state.withLock { Array($0.table.ended.values) } }
    /// One element after each change of any request; see `ChangeNotifier`.
    package func changes() -> AsyncStream<Void> { news.changes() }
    package subscript(id: ApprovalID) -> ApprovalRequest? { state.withLock { $0.table[id] } }

    package func mayPrompt(about id: ApprovalID, each window: Duration) -> Bool {
        let now = ports.clock.boot
        return state.withLock { state in
            if let last = state.prompted[id], now - last < window { return false }
            state.prompted[id] = now
            return true
        }
    }

    package func expire() async {
        let now = ports.clock.wall
        for request in live where now >= request.due {
            _ = await change(request.id, .tick)
        }
        for probe in state.withLock(\.probes.live) where now >= probe.form.due {
            _ = await change(probe.id, .tick)
        }
        await askProbes(at: now)
        alertOverdueReviews(at: now)
        forgetOldHistory(at: now)
    }
}

/// What the desk needs from outside.
package struct ApprovalPorts: Sendable {
    package let store: any ApprovalStore
    /// nil: the store is believed at a start.
    package let trail: (any ApprovalLogReader)?
    /// nil: nobody has broken glass before this process.
    package let glassTrail: (any BreakGlassLogReader)?
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let hashing: any Hashing
    private let verifier: any SignatureVerifier
    package let people: AuthorizedKeysHolder
    /// nil where people have no console to vote at by passkey.
    package let passkeys: PeoplePasskeys?
    package let useWithin: Duration
    package let vigilance: ReviewQualityPolicy
    /// Whether a client's word stands for one approval at tier low.
    package let takesConsent: Bool
    package let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    /// Hears of a request that somebody found suspicious. Must not block.
    package let suspect: @Sendable (ApprovalRequest) -> Void
    /// Hears of each change that people are told of, once it is in the log and in the store. Must not block.
    package let news: @Sendable (ApprovalNotification.Kind, ApprovalRequest) -> Void

    package init(
        store: any ApprovalStore, trail: (any ApprovalLogReader)? = nil,
        glassTrail: (any BreakGlassLogReader)? = nil, ledger: any Ledger,
        records: RecordWriter, clock: any Clock,
        entropy: any Entropy, hashing: any Hashing, people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys? = nil,
        takesConsent: Bool = false, useWithin: Duration, vigilance: ReviewQualityPolicy,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void,
        suspect: @escaping @Sendable (ApprovalRequest) -> Void = { _ in },
        news: @escaping @Sendable (ApprovalNotification.Kind, ApprovalRequest) -> Void = { _, _ in }
    ) {
        self.store = store
        self.trail = trail
        self.glassTrail = glassTrail
        self.ledger = ledger
        self.records = records
        self.clock = clock
        self.entropy = entropy
        self.hashing = hashing
        self.people = people
        self.passkeys = passkeys
        self.verifier = verifier
        self.useWithin = useWithin
        self.vigilance = vigilance
        self.takesConsent = takesConsent
        self.alarm = alarm
        self.suspect = suspect
        self.news = news
    }

    /// As `judge`, of orders to break glass and of their reviews.
    var glassJudge: BreakGlassVerifier? {
        people.trust.map { BreakGlassVerifier(trust: $0, verifier: verifier) }
    }

    /// By who is enrolled now; nil while the trust file cannot be read: then nobody can vote.
    var judge: VoteVerifier? {
        people.trust.map {
            VoteVerifier(trust: $0, verifier: verifier, passkeys: passkeys?.judge(hashing))
        }
    }
}
