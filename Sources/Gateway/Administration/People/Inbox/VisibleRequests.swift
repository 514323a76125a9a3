import InterlockApprovals
import InterlockModel
import Synchronization

/// The requests that each person sees, as last found. They are of one state of the requests and of the roles that
/// the person had, and are found again after a change of either.
///
/// INVARIANT: what is returned was found at the version that was asked for, or later. Kept by `VisibleRequestsTests`.
final class VisibleRequests: Sendable {
    private struct List {
        let roles: Set<Role>
        let requests: [ApprovalRequest]
    }

    private struct State {
        var version: UInt64 = 0
        /// The lists by their viewer; nil is everyone who sees all.
        var lists: [Person?: List] = [:]
        var waiting: [Person: Int] = [:]

        /// Forgets what is of an earlier version. Returns false if the state is of a later one.
        mutating func advance(to version: UInt64) -> Bool {
            if version > self.version { self = State(version: version) }
            return version == self.version
        }
    }

    /// The number of lists that are kept; each has a reference for each request.
    static let mostLists = 32
    static let mostCounts = 10_000

    private let state = Mutex(State())

    /// - Parameters:
    ///   - viewer: nil for everyone who sees all requests.
    ///   - version: was read before `find` reads the requests, so that what `find` returns is not older.
    func requests(
        of viewer: Person?, _ roles: Set<Role>, at version: UInt64, find: () -> [ApprovalRequest]
    ) -> [ApprovalRequest] {
        let known = state.withLock { state in
            state.advance(to: version) ? state.lists[viewer] : nil
        }
        if let known, viewer == nil || known.roles == roles { return known.requests }
        let found = find()
        state.withLock { state in
            guard state.advance(to: version) else { return }
            if state.lists.count >= Self.mostLists { state.lists = [:] }
            state.lists[viewer] = List(roles: roles, requests: found)
        }
        return found
    }

    /// - Parameter version: was read before `find` reads the requests, so that what `find` returns is not older.
    func waiting(for viewer: Person, at version: UInt64, find: () -> Int) -> Int {
        let known = state.withLock { state in
            state.advance(to: version) ? state.waiting[viewer] : nil
        }
        if let known { return known }
        let found = find()
        state.withLock { state in
            guard state.advance(to: version) else { return }
            if state.waiting.count >= Self.mostCounts { state.waiting = [:] }
            state.waiting[viewer] = found
        }
        return found
    }
}
