/// One thing that goes wrong in the world of a simulation, and when it is over.
package enum InjectedFault: Sendable, Hashable {
    /// Messages of one direction are lost.
    case cut(from: Endpoint, to: Endpoint, seconds: Int)
    /// A node reaches neither the store nor any other node.
    case isolate(node: Int, seconds: Int)
    /// A node reaches no other node.
    case cutPeers(node: Int, seconds: Int)
    /// Reads are answered by a replica that has nothing new.
    case staleReads(seconds: Int)
    /// Messages of all connections are lost, repeated and delayed.
    case badNetwork(seconds: Int)
    /// The process dies at its next write but `writes`; `kept` says whether that write is on disk.
    case crash(node: Int, writes: Int, kept: Bool, seconds: Int)
    /// The process does nothing while its clocks run.
    case pause(node: Int, seconds: Int)
    /// The wall clock steps, and is set right ten seconds later.
    case step(node: Int, milliseconds: Int)
    case stepStore(milliseconds: Int)
    /// Both clocks run at another rate, in millionths, from now on.
    case drift(node: Int, rate: Int64)
    /// The machine is paused with its clocks: section 16 of docs/specs/cluster.md names what follows.
    case stopClock(node: Int, seconds: Int)
    case storeDown(seconds: Int)
    case storeSlow(seconds: Int)
    /// The standby takes over; the commits of the last milliseconds are lost with the old primary.
    case failover(lostMilliseconds: Int)
    case lie(StoreLie)

    /// The longest time after which nothing of the fault is left, in seconds.
    package var seconds: Int {
        switch self {
        case .cut(_, _, let seconds), .isolate(_, let seconds), .cutPeers(_, let seconds),
            .staleReads(let seconds), .badNetwork(let seconds), .crash(_, _, _, let seconds),
            .pause(_, let seconds), .stopClock(_, let seconds), .storeDown(let seconds),
            .storeSlow(let seconds):
            seconds
        case .step, .stepStore: 10
        case .drift, .failover, .lie: 0
        }
    }
}

/// An act of a hostile administrator of the store.
package enum StoreLie: Sendable, Hashable, CaseIterable {
    /// Approves waiting requests, without a vote of people.
    case approve
    /// Sets the row of a used grant back.
    case reuse
    /// Answers the use of a grant that was used with the entry of that use.
    case foreignUse
    /// Appends a release under a node's name, without its key and without people.
    case forgeRelease
    /// Changes the body of the newest entry.
    case changeEntry
    /// Shows one node a chain without the newest halt, which grows by itself.
    case fork
    /// Deletes the newest entries.
    case cut
}

/// The faults of one simulation, in the order of their times.
package struct FaultPlan: Sendable {
    package struct Item: Sendable {
        package let at: VirtualTime
        package let fault: InjectedFault
    }

    package let items: [Item]
    /// True if the store lies at any time: the properties of an honest store are not asked for then.
    package let hasLies: Bool
    /// True if a clock stops at any time.
    package let stopsClocks: Bool
    /// The time after which nothing of the faults is left.
    package let isOver: VirtualTime

    package init(_ items: [Item]) {
        self.items = items.sorted { $0.at < $1.at }
        hasLies = items.contains { if case .lie = $0.fault { true } else { false } }
        stopsClocks = items.contains { if case .stopClock = $0.fault { true } else { false } }
        isOver = items.map { $0.at + .seconds($0.fault.seconds) }.max() ?? .start
    }

    package static let none = FaultPlan([])
}
