import InterlockAlerts
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockGovernor

/// The store of sent notifications and denial links, in memory.
final class MemoryNotices: NoticeStore, DenialLinkStore {
    private struct State {
        var told: Set<String> = []
        var links: [Digest: DenialLink] = [:]
        var spent: Set<Digest> = []
        var fails = false
    }
    private let state = Mutex(State())

    var told: Set<String> { state.withLock { $0.told } }
    var hashes: Set<Digest> { state.withLock { Set($0.links.keys) } }
    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    private func perform<Value: Sendable>(
        _ body: (inout State) -> Value
    ) throws(StoreFailure) -> Value {
        guard !state.withLock(\.fails) else { throw StoreFailure(reason: "full") }
        return state.withLock { body(&$0) }
    }

    func note(
        told names: [String], until end: Timestamp, now: Timestamp
    ) async throws(StoreFailure) { try perform { $0.told.formUnion(names) } }

    func told(among names: [String]) async throws(StoreFailure) -> Set<String> {
        try perform { $0.told.intersection(names) }
    }

    func keep(_ link: DenialLink, now: Timestamp) async throws(StoreFailure) {
        try perform { if $0.links[link.hash] == nil { $0.links[link.hash] = link } }
    }

    func link(_ hash: Digest, now: Timestamp) async throws(StoreFailure) -> DenialLink? {
        try perform { state -> DenialLink? in
            guard let link = state.links[hash], link.expires > now, !state.spent.contains(hash)
            else { return nil }
            return link
        }
    }

    func spend(_ hash: Digest) async throws(StoreFailure) -> Bool {
        try perform { $0.spent.insert(hash).inserted }
    }
}
