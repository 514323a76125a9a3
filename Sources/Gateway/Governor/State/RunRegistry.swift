import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
package import Synchronization

/// The runs that this node has seen: the context that each of their records repeats, and the guarantee that `run.start`
/// is the first record of each.
package final class RunRegistry: Sendable {
    private static let remembered = 100_000

    private struct State {
        var contexts: [RunID: Known] = [:]
        var started: Set<RunID> = []
        var listings: [RunID: Listing] = [:]
        var origins: [RunID: RunOrigin] = [:]
    }
    /// A known context with its person. A token that names another person makes another context for its request:
    /// records and approvals concern the person of the credential, not the person for whom the run began.
    private struct Known {
        let person: Person?
        let context: RunContext
    }
    /// The number of times that one list was served since its last record.
    private struct Listing {
        var generation: UInt64
        var recorded: BootTime
        var unrecorded: Int
    }
    private static let listingInterval = Duration.seconds(60)
    private let state = Mutex(State())
    /// INVARIANT: never locked around the lock of `state`.
    package let terms: Mutex<RunExpiryTable>
    package let distrusted = DistrustedRuns()
    package let tainted = TaintedRuns()
    package let labelled = LabelledRuns()
    package let sensitive = SensitiveRuns()
    let sentParts = SentParts()
    package let workspaces = TaintedWorkspaces()
    private let pseudonyms: any Pseudonyms
    let ledger: any Ledger
    private let keys: any PayloadKeys
    private let build: Digest

    /// - Parameter build: SHA-256 of the gateway's own program file.
    package init(
        pseudonyms: any Pseudonyms, ledger: any Ledger, keys: any PayloadKeys, build: Digest
    ) {
        self.pseudonyms = pseudonyms
        self.ledger = ledger
        self.keys = keys
        self.build = build
        terms = Mutex(RunExpiryTable(ledger.takeOpenRuns()))
    }

    /// The runs that have not ended.
    package var openRuns: [RunID] { terms.withLock { $0.runs } }

    package func context(of principal: Principal) -> RunContext {
        state.withLock { state in
            if let known = state.contexts[principal.run], known.context.agent == principal.agent,
                known.person == principal.onBehalfOf
            {
                return known.context
            }
            let context = RunContext(
                run: principal.run, agent: principal.agent,
                subject: principal.onBehalfOf.map(pseudonyms.pseudonym(of:)))
            // Forgotten runs are derived again from their next token; the ledger knows which of them have started.
            if state.contexts.count > Self.remembered { state = State() }
            terms.withLock { $0.meet(principal) }
            state.contexts[principal.run] = Known(person: principal.onBehalfOf, context: context)
            return context
        }
    }

    /// Puts `run.start` before the run's first record. The ledger keeps the order of calls within a run, so the start
    /// is durable no later than the record that follows.
    package func open(_ run: RunContext, policy: Digest) {
        let isFirst = state.withLock { $0.started.insert(run.run).inserted }
        guard isFirst, !ledger.knows(run: run.run) else { return }
        // A key made after the first record would be taken for that of a run that lost its own.
        keys.open(run.run, isNew: true)
        ledger.note(RecordDraft(.runStart, run: run, fields: firstFields(under: policy)))
    }

    /// Puts `run.attach` before the run's first record in this log, if the run began on another node. Durable no later than
    /// the record that follows.
    ///
    /// - Parameter home: the node on which the run began; nil if that is this one.
    func attach(_ run: RunContext, home: String?, policy: Digest) {
        guard let home else { return }
        let isFirst = state.withLock { $0.started.insert(run.run).inserted }
        guard isFirst, !ledger.knows(run: run.run) else { return }
        keys.open(run.run, isNew: true)
        var fields = firstFields(under: policy)
        fields["home"] = ["node": .string(home)]
        ledger.note(RecordDraft(.runAttach, run: run, fields: fields))
    }

    /// The fields that each `run.start` has.
    func firstFields(under policy: Digest) -> JSONObject {
        ["pol": .string(policy.base64), "ver": .string(build.base64)]
    }

    /// Remembers a run whose first record is not written by `open`.
    func remember(_ run: RunContext) {
        state.withLock { state in
            if state.contexts.count > Self.remembered { state = State() }
            state.started.insert(run.run)
            state.contexts[run.run] = Known(person: nil, context: run)
        }
    }

    /// Makes the key of the run's payloads durable before any record of the run. For an open run this costs one lookup.
    package func prepare(_ run: RunID) async {
        guard !keys.isOpen(run) else { return }
        await keys.prepare(run, isNew: !ledger.knows(run: run))
    }

    /// - Returns: the number of listings that the next record covers, or nil if one was written less than a minute ago
    ///   for the same list.
    func countListing(of run: RunID, generation: UInt64, now: BootTime) -> Int? {
        state.withLock { state in
            if var listing = state.listings[run], listing.generation == generation,
                now - listing.recorded < Self.listingInterval
            {
                listing.unrecorded += 1
                state.listings[run] = listing
                return nil
            }
            let count = (state.listings[run]?.unrecorded ?? 0) + 1
            state.listings[run] = Listing(generation: generation, recorded: now, unrecorded: 0)
            return count
        }
    }

    /// Forgets the state of a run that gets no further record.
    func forget(_ run: RunID) {
        distrusted.remove(run)
        tainted.remove(run)
        labelled.remove(run)
        sensitive.remove(run)
        sentParts.remove(run)
        state.withLock { state in
            state.contexts[run] = nil
            state.started.remove(run)
            state.listings[run] = nil
            state.origins[run] = nil
        }
    }

    /// Remembers where the requests of a run come from. Called once for each head that a connection sends.
    func meet(_ principal: Principal, at head: RequestHead) {
        let origin = RunOrigin(principal, head)
        state.withLock { state in
            if state.origins.count > Self.remembered { state.origins = [:] }
            state.origins[principal.run] = origin
        }
    }

    func origins(of runs: [RunID]) -> [RunID: RunOrigin] {
        state.withLock { state in
            runs.reduce(into: [:]) { $0[$1] = state.origins[$1] }
        }
    }

    package func known(_ run: RunID) -> RunContext? { state.withLock { $0.contexts[run]?.context } }

    package var all: [RunContext] { state.withLock { $0.contexts.values.map(\.context) } }
}
