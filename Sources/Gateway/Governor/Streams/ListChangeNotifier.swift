import InterlockMCP
import InterlockModel
import Synchronization

/// Who is told of changes while a stream is open: a session's own stream, or a subscription.
protocol ChangeListener: AnyObject, Sendable {
    var principal: Principal { get }
    /// What it was opened with.
    var credential: StreamCredential { get }
    /// The server of its endpoint; nil at `/mcp`.
    var server: ServerName? { get }
    /// The lists that it hears of.
    var lists: Set<ListKind> { get }
    func changed(_ kind: ListKind)
    /// The stream ends in good form.
    func end()
}

/// What an agent sees of one list at one endpoint, as a number that tells one list from another.
struct ListView: Hashable {
    let agent: AgentName
    let scopes: ScopeSet?
    let server: ServerName?
    let kind: ListKind

    init(_ principal: Principal, at server: ServerName?, _ kind: ListKind) {
        agent = principal.agent
        scopes = principal.listedScopes
        self.server = server
        self.kind = kind
    }
}

/// The open streams, each with what its agent saw when it was told last. Whatever changes a view, a
/// policy, a server, a pin, an elevation or the hour, those who see something else hear of it and nobody
/// else does.
final class ListChangeNotifier: Sendable {
    static let maximumPerOwner = 32

    private struct Entry {
        let listener: any ChangeListener
        var views: [ListKind: UInt64]
        /// Of the look that each was compared in last.
        var looks: [ListKind: UInt64] = [:]
    }
    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
    private let looks = Atomic<UInt64>(0)

    private static func isFull(_ entries: [ObjectIdentifier: Entry], _ principal: Principal) -> Bool
    {
        let owner = SessionOwner(principal)
        return entries.values.count { SessionOwner($0.listener.principal) == owner }
            >= maximumPerOwner
    }

    /// Whether its owner may open another one.
    func room(for principal: Principal) -> Bool {
        entries.withLock { !Self.isFull($0, principal) }
    }

    /// - Parameter views: what the agent sees now, or when it was told last.
    /// - Returns: false when its owner has as many open as it may.
    func add(_ listener: any ChangeListener, _ views: [ListKind: UInt64]) -> Bool {
        entries.withLock { entries in
            guard !Self.isFull(entries, listener.principal) else { return false }
            entries[ObjectIdentifier(listener)] = Entry(listener: listener, views: views)
            return true
        }
    }

    /// - Returns: what its agent saw when it was told last.
    @discardableResult
    func remove(_ listener: any ChangeListener) -> [ListKind: UInt64] {
        entries.withLock { $0.removeValue(forKey: ObjectIdentifier(listener))?.views ?? [:] }
    }

    /// Tells those whose view is another than the one before.
    ///
    /// INVARIANT: of two looks at once only the later one is told of. A view that was made before another
    /// look began may be older than what that one has told, so it is dropped; whoever changes something
    /// looks afterwards.
    ///
    /// - Parameters:
    ///   - view: asked once for all who see the same.
    ///   - one: the only one to tell; nil for all.
    func look(_ view: (ListView) -> UInt64, for one: (any ChangeListener)? = nil) {
        let turn = looks.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        let known = entries.withLock { entries in
            guard let one else { return Array(entries.values) }
            return entries[ObjectIdentifier(one)].map { [$0] } ?? []
        }
        var views: [ListView: UInt64] = [:]
        for entry in known {
            let listener = entry.listener
            for kind in ListKind.allCases where listener.lists.contains(kind) {
                let key = ListView(listener.principal, at: listener.server, kind)
                let now = views[key] ?? view(key)
                views[key] = now
                let isNews = entries.withLock { entries in
                    let place = ObjectIdentifier(listener)
                    guard let told = entries[place]?.views[kind],
                        turn > entries[place]?.looks[kind] ?? 0
                    else { return false }
                    entries[place]?.looks[kind] = turn
                    entries[place]?.views[kind] = now
                    return told != now
                }
                if isNews { listener.changed(kind) }
            }
        }
    }

    /// - Parameter isOver: asked outside the lock.
    func end(where isOver: (any ChangeListener) -> Bool) {
        let open = entries.withLock { $0.values.map(\.listener) }
        for listener in open where isOver(listener) { listener.end() }
    }
}
