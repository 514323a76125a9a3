package import InterlockModel
import Synchronization

/// The halt set that every stage reads, replaced whole by orders and releases.
package final class HaltRegistry: Sendable {
    private let active: Mutex<HaltSet>
    /// Of which set, counted, and what it has by time.
    private let listed = Mutex<(version: UInt64, halts: [HaltOrder])>((0, []))
    private let version = Atomic<UInt64>(1)
    /// Of the set, so that nobody waits for it where nothing is halted. INVARIANT: true before `replace` with a set
    /// that halts returns; who entered the table of calls in flight after that sees it.
    private let isHalting: Atomic<Bool>

    package init(_ halts: HaltSet) {
        active = Mutex(halts)
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

    /// Those in force, the newest first. Every page asks, so they are sorted once for each set, outside of the lock
    /// that calls take.
    package var newestFirst: [HaltOrder] {
        guard !isEmpty else { return [] }
        let (now, set) = active.withLock {
            (version.load(ordering: .sequentiallyConsistent), $0)
        }
        if let known = listed.withLock({ $0.version == now ? $0.halts : nil }) { return known }
        let halts = set.active.values.sorted { ($0.at, $0.id.text) > ($1.at, $1.id.text) }
        listed.withLock { if $0.version < now { $0 = (now, halts) } }
        return halts
    }

    /// As `HaltSet.match`, without a copy of the set; where nothing is halted the owner is not looked up.
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
