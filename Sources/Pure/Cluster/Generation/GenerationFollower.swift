import InterlockModel

/// The generation of the store as one node sees it. Events in, actions out.
///
/// `open` becomes `comparing` with each answer of a generation that the node has not seen, that is not open, or whose head
/// is not one that the node had; `comparing` becomes `open` once the store says that all heads were compared.
package struct GenerationFollower: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// The node has had no answer yet.
        case unknown
        /// Heads are being compared. The node asks for nothing that appends, takes or renews.
        case comparing(StoreGeneration)
        case open(StoreGeneration)
    }

    package enum Action: Hashable, Sendable {
        /// Another generation has begun: `store.generation` is recorded. A lease that runs goes on to its end, and is not
        /// renewed before the heads were compared.
        case begin(StoreGeneration)
        /// The store lacks entries after this head; the node puts back those of its copy that link to it.
        case repair(after: ChainHead?)
        /// The store has more than this node.
        case fetch(after: Int64)
        /// The store has another chain.
        case forked(Int64)
        /// The answer is of an earlier generation: a deposed primary. It counts for nothing.
        case ignore
        /// The answer may renew the lease.
        case renew
    }

    package private(set) var status = Status.unknown
    /// The generations that ended.
    private var past: Set<StoreGeneration> = []

    package init() {}

    /// True if appending, taking and renewing may be asked for.
    package var isOpen: Bool {
        if case .open = status { true } else { false }
    }

    /// The answer to a heartbeat.
    ///
    /// - Parameters:
    ///   - isOpen: what the store says: `meta.open` is this generation.
    ///   - head: the store's newest entry; nil if it has none.
    ///   - sent: the newest entry that the node had applied when it sent the heartbeat.
    package mutating func answer(
        _ generation: StoreGeneration, isOpen: Bool, head: ChainHead?, sent: ChainHead,
        _ follower: ChainFollower
    ) -> [Action] {
        guard !past.contains(generation) else { return [.ignore] }
        var actions: [Action] = []
        switch status {
        case .unknown: status = .comparing(generation)
        case .comparing(let own), .open(let own):
            if own != generation {
                past.insert(own)
                status = .comparing(generation)
                actions.append(.begin(generation))
            }
        }
        actions += compare(head, sent, follower)
        guard isOpen, !actions.contains(where: \.isObstacle) else {
            status = .comparing(generation)
            return actions
        }
        status = .open(generation)
        return actions + [.renew]
    }

    private func compare(
        _ head: ChainHead?, _ sent: ChainHead, _ follower: ChainFollower
    ) -> [Action] {
        guard let head else { return [.repair(after: nil)] }
        let own = follower.head
        if head.number > own.number { return [.fetch(after: own.number)] }
        // An entry so long ago that its digest is not remembered is compared when the copy is read for the repair.
        if let digest = follower.digest(of: head.number), digest != head.digest {
            return [.forked(head.number)]
        }
        // The head of an open generation can be lower than what the node has applied since it asked, and not lower than
        // what it had then.
        let isLost = head.number < sent.number || (head.number < own.number && !self.isOpen)
        return isLost ? [.repair(after: head)] : []
    }
}

extension GenerationFollower.Action {
    /// True if the store and this node do not have the same chain.
    fileprivate var isObstacle: Bool {
        switch self {
        case .repair, .forked, .ignore: true
        case .begin, .fetch, .renew: false
        }
    }
}
