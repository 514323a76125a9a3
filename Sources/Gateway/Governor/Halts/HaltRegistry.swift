package import InterlockModel
import Synchronization

/// The halt set that every stage reads; orders and releases replace it as a whole.
package final class HaltRegistry: Sendable {
    private let active: Mutex<HaltSet>
    /// The sorted halts, with the version of the set that they were sorted from.
    private let listed = Mutex<(version: UInt64, halts: [HaltOrder])>((0, []))
    private let version = Atomic<UInt64>(1)
    /// True if the set halts anything; otherwise calls take no lock. INVARIANT: true before `replace` with a set that
    /// halts returns; a call that enters the in-flight table after that sees it.
    private let isHalting: Atomic<Bool>

    private let cutoffs: Mutex<ReleaseCutoffs>

    /// - Parameter cutoffs: of the releases before this process.
    package init(_ halts: HaltSet, cutoffs: ReleaseCutoffs = ReleaseCutoffs()) {
        active = Mutex(halts)
        self.cutoffs = Mutex(cutoffs)
        isHalting = Atomic(!halts.isEmpty)
    }

    package var halts: HaltSet { active.withLock { $0 } }
    private var isEmpty: Bool { !isHalting.load(ordering: .sequentiallyConsistent) }

    package func replace(with halts: HaltSet) {
        active.withLock {
            $0 = halts
            version.wrappingAdd(1, ordering: .sequentiallyConsistent)
            isHalting.store(!halts.isEmpty, ordering: .sequentiallyConsistent)
        }
    }

    /// Makes the credentials invalid that were issued for these targets before this time.
    package func release(_ targets: Set<HaltTarget>, at time: Timestamp) {
        cutoffs.withLock { $0.add(targets, at: time) }
    }

    /// Returns the time of the last release of this run, or nil if there was none.
    package func release(of run: RunID) -> Timestamp? {
        cutoffs.withLock { $0.newest(of: .run(run)) }
    }

    /// Returns whether the credential was issued before a release of its agent.
    ///
    /// - Parameter owner: of the agent; is called only if something was released.
    func isCutOff(
        _ principal: Principal, owner: () -> Pseudonym?, at now: Timestamp
    ) -> Bool { cutoffs.withLock { $0.refuses(principal, owner: owner, at: now) } }

    /// The halts in force, newest first. Every page reads them, so they are sorted once for each set, outside the lock
    /// that calls take.
    package var newestFirst: [HaltOrder] {
        guard !isEmpty else { return [] }
        let (now, set) = active.withLock { (version.load(ordering: .sequentiallyConsistent), $0) }
        if let known = listed.withLock({ $0.version == now ? $0.halts : nil }) { return known }
        let halts = set.active.values.sorted { ($0.at, $0.id.text) > ($1.at, $1.id.text) }
        listed.withLock { if $0.version < now { $0 = (now, halts) } }
        return halts
    }

    /// Matches like `HaltSet.match`, without a copy of the set; if nothing is halted the owner is not looked up.
    package func match(
        agent: AgentName, owner: @autoclosure () -> Pseudonym?, server: ServerName?,
        tool: ToolAddress?, run: RunID?
    ) -> OrderID? {
        guard !isEmpty else { return nil }
        let owner = owner()
        return active.withLock {
            $0.match(agent: agent, owner: owner, server: server, tool: tool, run: run)?.id
        }
    }
}
