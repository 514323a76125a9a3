package import InterlockModel
import Synchronization

/// The halt set that every stage reads, replaced whole by orders and releases.
package final class HaltBoard: Sendable {
    private let active: Mutex<HaltSet>
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
            isHalting.store(!halts.isEmpty, ordering: .sequentiallyConsistent)
        }
    }

    /// As `HaltSet.match`, without a copy of the set; where nothing is halted the owner is not looked up.
    func match(
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
