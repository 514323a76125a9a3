import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// The recipient of a resource's updates: a legacy session on its own stream, or one subscription of the modern era.
enum Follower: Sendable, Hashable {
    case session(SessionID)
    case stream(Subscription)
}

extension Subscription: Hashable {
    static func == (a: Subscription, b: Subscription) -> Bool { a === b }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// One resource of one server, identified by the URI that was decided on.
struct FollowedResource: Sendable, Hashable {
    let server: ServerName
    let uri: String
}

/// The subscriptions of callers to single resources, in memory only, because sessions and streams do not outlive it
/// either. The subscriptions of one agent's callers at a server are merged into one upstream set.
///
/// INVARIANT: a follower of a resource is notified of it while a read of it would be permitted, and of nothing else;
/// a hidden one answers like an unknown one. Kept by `ResourceSubscriptionTests`, `FollowedResourcesTests`,
/// `test_subscriptions.py`.
package final class ResourceSubscriptionRegistry: Sendable {
    static let mostOfOneFollower = SubscriptionFilter.maximumResources
    static let mostOfOneAgent = 1024

    struct Preferences: Sendable {
        /// The principal of the permitted call.
        let principal: Principal
        /// The URI as the client wrote it.
        let written: String
    }
    /// Receives the resources that an agent now follows at a server. Called inside the lock, so that an older set is
    /// never applied last.
    typealias Following = (Set<ExactText>, ServerName, AgentName) -> Void
    struct Slot: Sendable {
        let follower: Follower
        let resource: FollowedResource
        let preferences: Preferences
        /// Distinguishes this subscription from a later one to the same resource.
        fileprivate let turn: UInt64
    }

    private typealias Wishes = [Follower: [FollowedResource: (
        preferences: Preferences, turn: UInt64
    )]]
    private let agents = Mutex<[AgentName: Wishes]>([:])
    private let turns = Atomic<UInt64>(0)

    package var count: Int {
        agents.withLock { $0.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } }
    }

    func isFull(for follower: Follower, of agent: AgentName) -> Bool {
        agents.withLock { Self.isFull($0[agent] ?? [:], follower) }
    }

    private static func isFull(_ wishes: Wishes, _ follower: Follower) -> Bool {
        (wishes[follower]?.count ?? 0) >= mostOfOneFollower
            || wishes.values.reduce(0) { $0 + $1.count } >= mostOfOneAgent
    }

    /// - Returns: nil if a limit is reached; then nothing has changed.
    func add(
        _ resource: FollowedResource, _ preferences: Preferences, for follower: Follower,
        _ following: Following
    ) -> Slot? {
        let agent = preferences.principal.agent
        let turn = turns.wrappingAdd(1, ordering: .relaxed).newValue
        return agents.withLock { agents in
            var wishes = agents[agent] ?? [:]
            if wishes[follower]?[resource] == nil, Self.isFull(wishes, follower) { return nil }
            wishes[follower, default: [:]][resource] = (preferences, turn)
            agents[agent] = wishes
            following(Self.uris(at: resource.server, in: wishes), resource.server, agent)
            return Slot(
                follower: follower, resource: resource, preferences: preferences, turn: turn)
        }
    }

    /// Ends this subscription; a later one to the same resource stays.
    func remove(_ place: Slot, _ following: Following) {
        let agent = place.preferences.principal.agent
        remove([place.resource], of: place.follower, agent, following) { $0 == place.turn }
    }

    /// Ends those of these subscriptions that exist.
    func remove(
        _ resources: Set<FollowedResource>, of follower: Follower, _ agent: AgentName,
        _ following: Following, where isMeant: (UInt64) -> Bool = { _ in true }
    ) {
        agents.withLock { agents in
            guard var wishes = agents[agent], let before = wishes[follower] else { return }
            let left = before.filter { !resources.contains($0.key) || !isMeant($0.value.turn) }
            guard left.count < before.count else { return }
            wishes[follower] = left.isEmpty ? nil : left
            agents[agent] = wishes.isEmpty ? nil : wishes
            for server in Set(resources.map(\.server)) {
                following(Self.uris(at: server, in: wishes), server, agent)
            }
        }
    }

    func resources(of follower: Follower, _ agent: AgentName) -> Set<FollowedResource> {
        agents.withLock { Set($0[agent]?[follower]?.keys.map { $0 } ?? []) }
    }

    /// Returns the subscriptions of an agent's callers to a resource.
    func places(of resource: FollowedResource, _ agent: AgentName) -> [Slot] {
        agents.withLock { agents in
            (agents[agent] ?? [:]).compactMap { follower, wishes in
                wishes[resource].map {
                    Slot(
                        follower: follower, resource: resource, preferences: $0.preferences,
                        turn: $0.turn)
                }
            }
        }
    }

    var all: [Slot] {
        agents.withLock { agents in
            var all: [Slot] = []
            for wishes in agents.values {
                for (follower, own) in wishes {
                    for (resource, (preferences, turn)) in own {
                        all.append(
                            Slot(
                                follower: follower, resource: resource, preferences: preferences,
                                turn: turn))
                    }
                }
            }
            return all
        }
    }

    private static func uris(at server: ServerName, in wishes: Wishes) -> Set<ExactText> {
        var uris: Set<ExactText> = []
        for own in wishes.values {
            for resource in own.keys where resource.server == server { uris.insert(resource.uri) }
        }
        return uris
    }
}
