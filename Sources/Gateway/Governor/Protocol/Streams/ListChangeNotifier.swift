import InterlockMCP
import InterlockModel
import Synchronization

/// The recipient of changes while a stream is open: a session's own stream, or a subscription.
protocol ChangeListener: AnyObject, Sendable {
    var principal: Principal { get }
    /// The credential that the stream was opened with.
    var credential: StreamCredential { get }
    /// The server of its endpoint; nil at `/mcp`.
    var server: ServerName? { get }
    /// The lists whose changes it receives.
    var lists: Set<ListKind> { get }
    func changed(_ kind: ListKind)
    /// Ends the stream in an orderly way.
    func end()
}

/// The key of a view: an agent's view of one list at one endpoint, which is represented by a hash.
struct ListView: Hashable {
    let agent: AgentName
    let scopes: ScopeSet?
    let task: RunTaskName?
    let server: ServerName?
    let kind: ListKind

    /// - Parameter task: the task of the principal's run under the policy in force.
    init(
        _ principal: Principal, for task: RunTaskName?, at server: ServerName?, _ kind: ListKind
    ) {
        agent = principal.agent
        scopes = principal.listedScopes
        self.task = task
        self.server = server
        self.kind = kind
    }
}

/// The open streams, each with the views that its agent last saw. Whatever changes a view, a policy, a server, a pin,
/// an elevation or the hour, exactly the streams whose agent sees something else are notified.
final class ListChangeNotifier: Sendable {
    static let maximumPerOwner = 32

    private struct Entry {
        let listener: any ChangeListener
        var views: [ListKind: UInt64]
        /// The number of the comparison in which each list was last compared.
        var looks: [ListKind: UInt64] = [:]
    }
    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
    private let looks = Atomic<UInt64>(0)
    private let isClosed = Atomic(false)

    private static func isFull(_ entries: [ObjectIdentifier: Entry], _ principal: Principal) -> Bool
    {
        let owner = SessionOwner(principal)
        return entries.values.count { SessionOwner($0.listener.principal) == owner }
            >= maximumPerOwner
    }

    /// Returns whether its owner may open another stream.
    func room(for principal: Principal) -> Bool { entries.withLock { !Self.isFull($0, principal) } }

    /// - Parameter views: the agent's views now, or those of the last notification.
    /// - Returns: false if its owner has reached `maximumPerOwner` streams, or if all have ended for good.
    func add(_ listener: any ChangeListener, _ views: [ListKind: UInt64]) -> Bool {
        entries.withLock { entries in
            guard !isClosed.load(ordering: .relaxed), !Self.isFull(entries, listener.principal)
            else { return false }
            entries[ObjectIdentifier(listener)] = Entry(listener: listener, views: views)
            return true
        }
    }

    /// - Returns: the views that its agent last saw.
    @discardableResult func remove(_ listener: any ChangeListener) -> [ListKind: UInt64] {
        entries.withLock { $0.removeValue(forKey: ObjectIdentifier(listener))?.views ?? [:] }
    }

    /// Notifies the streams whose view differs from the one before.
    ///
    /// INVARIANT: of two concurrent comparisons only the later one notifies. A view computed before another comparison
    /// began may be older than the one already reported, so it is dropped; code that changes something compares
    /// afterwards.
    /// Kept by `ListChangeNotifierTests`.
    ///
    /// - Parameters:
    ///   - view: called once for all streams with the same view.
    ///   - one: the only stream to notify, or nil for all.
    ///   - taskOfRun: the task of a principal's run under the policy in force.
    func look(
        _ view: (ListView) -> UInt64, for one: (any ChangeListener)? = nil,
        by taskOfRun: (Principal) -> RunTaskName? = { $0.task }
    ) {
        let turn = looks.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        let known = entries.withLock { entries in
            guard let one else { return Array(entries.values) }
            return entries[ObjectIdentifier(one)].map { [$0] } ?? []
        }
        var views: [ListView: UInt64] = [:]
        for entry in known {
            let listener = entry.listener
            let task = taskOfRun(listener.principal)
            for kind in ListKind.allCases where listener.lists.contains(kind) {
                let key = ListView(listener.principal, for: task, at: listener.server, kind)
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

    /// Ends all streams, and every one that is added later.
    func close() {
        entries.withLock { _ in isClosed.store(true, ordering: .relaxed) }
        end { _ in true }
    }

    /// - Parameter isOver: called outside the lock.
    func end(where isOver: (any ChangeListener) -> Bool) {
        let open = entries.withLock { $0.values.map(\.listener) }
        for listener in open where isOver(listener) { listener.end() }
    }
}
