/// The halts of one node with their history: what came when, and the epoch that stands for all of it.
/// The node swaps `set` into the call path; the rest is for judging releases and for the disk.
package struct HaltHistory: Sendable {
    package private(set) var set: HaltSet
    package private(set) var epoch: Epoch
    /// The epoch at which each halt came in.
    private var arrivals: [OrderID: Int64]
    /// SHA-256 of the statement of each order that was seen to be good.
    private var taken: Set<Digest> = []

    package init(epoch: Epoch) {
        set = HaltSet()
        self.epoch = epoch
        arrivals = [:]
    }

    /// Takes in an order that already stands in the epoch, at start. Nothing is numbered anew.
    package mutating func restore(_ halt: AcceptedHalt, hashing: some Hashing) {
        taken.insert(hashing.sha256(halt.envelope.payload))
        if set.apply(halt) { arrivals[halt.order.id] = epoch.number }
    }

    /// The same for a release.
    package mutating func restore(_ release: AcceptedRelease, hashing: some Hashing) {
        taken.insert(hashing.sha256(release.envelope.payload))
        set.apply(release)
    }

    /// Numbers a new epoch that names only what is really there, when something of the old one was lost
    /// and a halt stands for the loss.
    package mutating func settle(at: Timestamp, hashing: some Hashing) throws(OrderRefusal) {
        do {
            epoch = try epoch.next(set, orders: taken, at: at, hashing: hashing)
        } catch { throw .form(error) }
    }

    /// - Returns: false when it was known already, or was released before it came.
    package mutating func apply(
        _ halt: AcceptedHalt, at: Timestamp, hashing: some Hashing
    ) throws(OrderRefusal) -> Bool {
        try room()
        guard set.apply(halt) else { return false }
        try advance(halt.envelope.payload, at, hashing)
        arrivals[halt.order.id] = epoch.number
        return true
    }

    /// - Returns: false when nothing was left to release.
    /// - Throws: `unknownHalt`, `staleEpoch`; then nothing has changed.
    package mutating func apply(
        _ release: AcceptedRelease, at: Timestamp, hashing: some Hashing
    ) throws(OrderRefusal) -> Bool {
        try check(release.order)
        try room()
        guard set.apply(release) else { return false }
        try advance(release.envelope.payload, at, hashing)
        return true
    }

    /// Whether an order with this digest of its statement was taken.
    package func has(_ statement: Digest) -> Bool {
        taken.contains(statement) || epoch.orders.contains(statement)
    }

    /// Whether the release may be signed or taken now.
    package func check(_ release: ReleaseOrder) throws(OrderRefusal) {
        var targets: [HaltTarget] = []
        for id in release.halts {
            if let halt = set.active[id] {
                targets.append(halt.target)
            } else if !set.released.contains(id) {
                throw .unknownHalt(id)
            }
        }
        guard release.afterEpoch <= epoch.number else { throw .staleEpoch }
        let named = Set(release.halts)
        for (id, halt) in set.active where arrivals[id, default: 0] > release.afterEpoch {
            if named.contains(id) { continue }
            if targets.contains(where: { $0.mayOverlap(halt.target) }) { throw .staleEpoch }
        }
    }

    private func room() throws(OrderRefusal) {
        guard epoch.orders.count < OrderLimits.orders else { throw .tooManyOrders }
    }

    private mutating func advance(
        _ statement: [UInt8], _ at: Timestamp, _ hashing: some Hashing
    ) throws(OrderRefusal) {
        let digest = hashing.sha256(statement)
        taken.insert(digest)
        do {
            epoch = try epoch.next(
                set, orders: Set(epoch.orders).union([digest]), at: at, hashing: hashing)
        } catch { throw .form(error) }
    }
}
