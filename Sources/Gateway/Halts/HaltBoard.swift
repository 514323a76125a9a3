package import InterlockModel
import Synchronization

/// The halt set that every stage reads, replaced whole by orders and releases.
package final class HaltBoard: Sendable {
    private let active: Mutex<HaltSet>

    package init(_ halts: HaltSet) { active = Mutex(halts) }

    package var halts: HaltSet { active.withLock { $0 } }

    package func replace(with halts: HaltSet) { active.withLock { $0 = halts } }
}
