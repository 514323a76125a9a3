package import InterlockAlerts
package import InterlockApprovals
package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicyReview
package import InterlockPorts
import Synchronization

/// Holds the requests that wait for people. Every change is written to the log and to the store before it is visible;
/// callers and people read the table in memory.
package final class ApprovalService: CallApprovals {
    struct State {
        /// Increases with each change of what people can see.
        private(set) var version: UInt64 = 0
        var table: ApprovalTable { didSet { version += 1 } }
        var waiters: [ApprovalID: [ApprovalWaiter]] = [:]
        /// The leaf hashes of the votes, for the record of the use.
        var votes: [ApprovalID: [Digest]] = [:]
        /// The index of each request's newest record; a start searches the log from there.
        var marks: [ApprovalID: UInt64] = [:]
        /// The version of each open request's row; nil if it is not known whether the last change was made.
        var versions: [ApprovalID: Int] = [:]
        /// Is nil until it was read from the log.
        var glass: BreakGlassHistory?
        /// The uses whose missing review has raised an alert.
        var told: Set<BreakGlassHistory.Use> = []
        var probes = ProbeRegistry() { didSet { version += 1 } }
        var planned: [PlannedProbe] = []
        /// The time at which each person was last asked by a probe, decided or not.
        var probed: [Pseudonym: Timestamp] = [:]
        /// The history of decisions, or nil while it is read from the log.
        var history: ApprovalHistory? = ApprovalHistory()
        /// The time at which old history was last removed.
        var forgot: Timestamp?
        /// The authors of revisions, who may not vote on what these widened.
        var proposers = RevisionProposers()
        /// The times at which callers were shown where their calls wait.
        var prompted: [ApprovalID: ReportWindow] = [:]

        init(table: ApprovalTable) { self.table = table }
    }

    let state: Mutex<State>
    let gates = ApprovalGates()
    let topics = ChangeNotifier<Void>()
    package let figures = ApprovalFigures()
    let historyReading = Mutex<Task<Void, Never>?>(nil)
    let ports: ApprovalPorts

    package init(_ ports: ApprovalPorts, limits: ApprovalTable.Limits) {
        self.ports = ports
        state = Mutex(State(table: ApprovalTable(limits: limits)))
    }

    package var hashing: any Hashing { ports.hashing }
    package var takesConsent: Bool { ports.takesConsent }
    /// The number of pending requests, including probes, as people see them.
    package var pendingCount: Int {
        state.withLock { $0.table.pendingCount + $0.probes.live.count }
    }
    /// Increases with each change of any request that people can see, and by other changes.
    var version: UInt64 { state.withLock(\.version) }
    package var live: [ApprovalRequest] { state.withLock { Array($0.table.open.values) } }
    /// The requests that ended last, in no order.
    package var ended: [ApprovalRequest] { state.withLock { Array($0.table.ended.values) } }
    /// Returns a stream with one element after each change of any request; see `ChangeNotifier`.
    package func changes() -> AsyncStream<Void> { topics.changes() }

    /// Makes open pages look again, after a change elsewhere that they show.
    package func tellPages() { topics.tell() }

    package subscript(id: ApprovalID) -> ApprovalRequest? { state.withLock { $0.table[id] } }

    package func mayPrompt(about id: ApprovalID, each window: Duration) -> Bool {
        let now = ports.clock.boot
        return state.withLock { state in
            state.prompted[id, default: ReportWindow()].take(at: now, window: window)
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

/// The gates of work that is done one after the other. The votes, ends and uses of different requests wait for no other.
///
/// A task holds at most two gates: first one of a question, of a voter or of break-glass, and then that of one request.
/// A task that holds the gate of a request enters no other gate. So every wait for a gate is for a task that can continue
/// without another gate, or that waits for a request's gate, whose holder can: no circle of tasks waits for itself.
///
/// INVARIANT: tasks that change requests never wait for each other in a circle. Kept by `ApprovalGateTests`.
struct ApprovalGates: Sendable {
    /// The same call of the same run: of two that ask, the second joins the request of the first.
    let questions = AsyncGates<ApprovalTable.Question>()
    /// The approvals of one person, whose number in an hour is limited.
    let voters = AsyncGates<Pseudonym>()
    /// Uses and reviews of break-glass: each is allowed by those before.
    let breakGlass = AsyncGate()
    /// The changes of one request.
    let requests = AsyncGates<ApprovalID>()
}

/// The dependencies that are injected into the service.
package struct ApprovalPorts: Sendable {
    package let store: any ApprovalStore
    /// The nonces of votes that were counted or refused.
    package let nonces: any NonceStore
    /// The nonces that people were given for their votes.
    package let issued: any VoteNonces
    /// The log, which a start reads; if nil, a start trusts the store.
    package let logReader: (any ApprovalLogReader)?
    /// The uses of break-glass before this process; if nil, there were no uses.
    package let glassTrail: (any BreakGlassLogReader)?
    package let ledger: any Ledger
    package let records: RecordWriter
    package let clock: any Clock
    package let entropy: any Entropy
    package let hashing: any Hashing
    private let verifier: any SignatureVerifier
    package let people: AuthorizedKeysHolder
    /// Is nil if voting by passkey is not configured.
    package let passkeys: PeoplePasskeys?
    package let useWithin: Duration
    package let reviewQuality: ReviewQualityPolicy
    /// True if a client's consent counts as one approval at tier low.
    package let takesConsent: Bool
    /// The node of a cluster, for the entry that the record of a vote names.
    package let node: JoinedNode
    /// Knows which runs this node of a cluster serves; nil on one node, which serves all.
    let placement: (any RunPlacement)?
    package let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    /// Receives each request that a person found suspicious. Must not block.
    package let suspect: @Sendable (ApprovalRequest) -> Void
    /// Receives each change that people are notified of, after it is in the log and in the store. Must not block.
    package let topics: @Sendable (ApprovalNotification.Kind, ApprovalRequest) -> Void

    package init(
        store: any ApprovalStore, nonces: any NonceStore,
        issued: any VoteNonces = OneNodeRegistry(VoteNonceRegistry()),
        logReader: (any ApprovalLogReader)? = nil,
        glassTrail: (any BreakGlassLogReader)? = nil, ledger: any Ledger, records: RecordWriter,
        clock: any Clock, entropy: any Entropy, hashing: any Hashing, people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys? = nil,
        takesConsent: Bool = false, useWithin: Duration, reviewQuality: ReviewQualityPolicy,
        node: JoinedNode = JoinedNode(), placement: (any RunPlacement)? = nil,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void,
        suspect: @escaping @Sendable (ApprovalRequest) -> Void = { _ in },
        topics: @escaping @Sendable (ApprovalNotification.Kind, ApprovalRequest) -> Void = { _, _ in
        }
    ) {
        self.store = store
        self.nonces = nonces
        self.issued = issued
        self.logReader = logReader
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
        self.reviewQuality = reviewQuality
        self.takesConsent = takesConsent
        self.node = node
        self.placement = placement
        self.alarm = alarm
        self.suspect = suspect
        self.topics = topics
    }

    /// Verifies break-glass orders and their reviews; is nil while the authorized keys cannot be read.
    var breakGlassOrders: SignedOrderVerifier? {
        people.trust.map {
            SignedOrderVerifier(trust: $0, verifier: verifier, passkeys: passkeys?.judge(hashing))
        }
    }

    /// Verifies votes of the people who are enrolled now; is nil while the authorized keys cannot be read, so no vote
    /// counts.
    var judge: VoteVerifier? {
        people.trust.map {
            VoteVerifier(trust: $0, verifier: verifier, passkeys: passkeys?.judge(hashing))
        }
    }
}
