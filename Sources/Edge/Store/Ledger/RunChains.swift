import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// The chain head of each run. One lock per run is held from the placing of a record to its queueing, so that records
/// of a run are hashed and sequenced in the same order. A run that ended is removed from memory.
final class RunChains: Sendable {
    private final class Chain: Sendable {
        /// The next link, or nil once the run has ended.
        let link: Mutex<ChainLink?>
        init(_ link: ChainLink) { self.link = Mutex(link) }
    }

    private struct State {
        var chains: [RunID: Chain]
        var ended: EndedRuns
    }
    private let state: Mutex<State>

    init(_ heads: LogHeads) {
        state = Mutex(State(chains: heads.runs.mapValues(Chain.init), ended: heads.ended))
    }

    /// Places a record after the run's last one. The chain advances only if `body` queued the record.
    /// - Parameters:
    ///   - ends: true if this is the run's last record.
    ///   - body: queues the record at the given link, and returns its leaf hash.
    func extend(
        _ run: RunID, ends: Bool, _ body: (ChainLink) throws(LedgerRefusal) -> Digest
    ) throws(LedgerRefusal) -> Digest {
        guard let chain = chain(run) else { throw Self.ended(run) }
        let outcome: Result<Digest, LedgerRefusal> = chain.link.withLock { link in
            do throws(LedgerRefusal) {
                guard let place = link else { throw Self.ended(run) }
                let hash = try body(place)
                link = ends ? nil : place.following(hash)
                return .success(hash)
            } catch {
                return .failure(error)
            }
        }
        let hash = try outcome.get()
        guard ends else { return hash }
        state.withLock { state in
            state.ended.insert(run)
            state.chains[run] = nil
        }
        return hash
    }

    /// Returns true if a record of the run was queued or recovered.
    func knows(_ run: RunID) -> Bool {
        let (chain, ended) = state.withLock { ($0.chains[run], $0.ended.contains(run)) }
        return ended || chain?.link.withLock { $0.map { $0.sequence > 0 } ?? true } ?? false
    }

    /// Returns true if the run's last record was queued or recovered.
    func hasEnded(_ run: RunID) -> Bool { state.withLock { $0.ended.contains(run) } }

    /// - Returns: nil if the run has ended.
    private func chain(_ run: RunID) -> Chain? {
        state.withLock { state in
            if let chain = state.chains[run] { return chain }
            guard !state.ended.contains(run) else { return nil }
            let chain = Chain(.start)
            state.chains[run] = chain
            return chain
        }
    }

    private static func ended(_ run: RunID) -> LedgerRefusal {
        LedgerRefusal(code: "audit.bad_record", detail: "the run `\(run.text)` has ended")
    }
}
