package import InterlockCluster
import InterlockJSON
import InterlockModel

/// The store of a simulation: a model of PostgreSQL with the functions of docs/specs/cluster.md, section 3. Each call is
/// one transaction at the time at which it arrives.
package struct SimulatedStore: Sendable {
    package internal(set) var rows: StoreRows
    package var clock: SimulatedClock
    package internal(set) var generation: StoreGeneration
    /// Nothing is answered before this time.
    package var downUntil = VirtualTime.start
    /// Each answer takes up to four seconds until this time.
    package var slowUntil = VirtualTime.start
    /// Reads return nothing new until this time.
    package var staleUntil = VirtualTime.start
    /// The node that is shown another chain, and its rows.
    package internal(set) var fork: (node: Int, rows: StoreRows)?
    /// True from the first lie on.
    package internal(set) var hasLied = false
    /// False once the administrator has dropped the unique index of uses and orders.
    var hasUniqueUses = true
    /// True once the administrator answers with the entries of other uses.
    var givesForeignUses = false
    /// The number of claims that were granted, over all runs.
    private(set) var claims = 0
    private var generations = 1
    let faults: Set<ProtocolFault>
    let hashing = SimulatedHashing()
    /// Earlier rows, the oldest first, from which a failover that loses commits goes on.
    private var history: [(at: VirtualTime, rows: StoreRows)] = []

    package init(nodes: Int, clock: SimulatedClock, faults: Set<ProtocolFault>) {
        var margins = EscrowMargins()
        if faults.contains(.endedLeaseForgotten) { margins.tail = 0 }
        if faults.contains(.reportedUseForgotten) { margins.useTail = 0 }
        let first = Self.generation(1)
        generation = first
        rows = StoreRows(nodes: nodes, generation: first, margins: margins)
        self.clock = clock
        self.faults = faults
    }

    private static func generation(_ number: Int) -> StoreGeneration {
        StoreGeneration(ExactText("timeline-\(number)"))
    }

    /// True if heads have been compared in this generation.
    package var isOpen: Bool { rows.openGeneration == generation }

    /// Appends the first entry.
    package mutating func begin(_ draft: EntryDraft) {
        rows.entries.append(draft.stored(after: nil, hashing: hashing))
    }

    /// Appends an entry before any node runs.
    package mutating func append(setup draft: EntryDraft) {
        rows.entries.append(draft.stored(after: rows.head, hashing: hashing))
    }

    package func isDown(at time: VirtualTime) -> Bool { time < downUntil }

    /// Performs a call. The rows of a node that is shown another chain are its own.
    package mutating func perform(_ request: StoreRequest, at time: VirtualTime) -> StoreAnswer {
        remember(at: time)
        let node = request.process.node
        if let fork, fork.node == node {
            let honest = rows
            rows = fork.rows
            defer {
                self.fork = (node, rows)
                rows = honest
            }
            return answer(request, node, at: time)
        }
        return answer(request, node, at: time)
    }

    /// The database restarts, or its standby takes over without the commits of the last time.
    package mutating func failOver(losing lost: Duration, at time: VirtualTime) {
        if lost > .zero, let earlier = history.last(where: { time - $0.at >= lost }) {
            rows = earlier.rows
        }
        history = []
        generations += 1
        generation = Self.generation(generations)
        rows.escrow.restart(generation: generation)
        // The function compares heads only if it knows that the generation is another one.
        if faults.contains(.generationUnchecked) { rows.openGeneration = generation }
    }

    private mutating func remember(at time: VirtualTime) {
        if let last = history.last, time - last.at < .milliseconds(50) { return }
        history.append((time, rows))
        if history.count > 32 { history.removeFirst(16) }
    }

    private mutating func answer(
        _ request: StoreRequest, _ node: Int, at time: VirtualTime
    ) -> StoreAnswer {
        let before = rows
        do throws(StoreError) {
            return try perform(request.call, node, at: time)
        } catch {
            rows = before
            return .refused(error.refusal)
        }
    }

    mutating func nextClaim() -> Int {
        claims += 1
        return claims
    }
}

/// The exception of a function; nothing has changed then.
struct StoreError: Error {
    let refusal: StoreRefusal

    init(_ refusal: StoreRefusal) { self.refusal = refusal }
}
