import InterlockLedger
import InterlockModel
import Synchronization

/// Where each run's chain goes on. One lock per run is held from the placing of a record to its
/// queueing, so that records of a run are hashed and sequenced in the same order.
final class RunChains: Sendable {
    final class Chain: Sendable {
        let link: Mutex<ChainLink>
        init(_ link: ChainLink) { self.link = Mutex(link) }
    }

    private let chains: Mutex<[RunID: Chain]>

    init(_ recovered: [RunID: ChainLink]) { chains = Mutex(recovered.mapValues(Chain.init)) }

    subscript(run: RunID) -> Chain {
        chains.withLock { chains in
            if let chain = chains[run] { return chain }
            let chain = Chain(.start)
            chains[run] = chain
            return chain
        }
    }

    /// Whether a record of the run was queued, or recovered.
    func knows(_ run: RunID) -> Bool {
        guard let chain = chains.withLock({ $0[run] }) else { return false }
        return chain.link.withLock { $0.sequence > 0 }
    }
}
