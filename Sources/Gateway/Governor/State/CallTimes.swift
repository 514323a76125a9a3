package import InterlockModel
package import InterlockPorts
import Synchronization

/// The durations of calls by server and class. Lookup takes no lock: servers are few and stay, so each has a node in
/// one of 64 chains that only grow.
package final class CallTimes: Sendable {
    private final class Node: Sendable {
        let server: ServerName
        let times: [Histogram]
        let next = AtomicLazyReference<Node>()

        init(_ server: ServerName) {
            self.server = server
            times = ToolClass.allCases.map { _ in Histogram() }
        }
    }
    private let chains = InlineArray<64, AtomicLazyReference<Node>> { _ in AtomicLazyReference() }
    private let count = Atomic<Int>(0)

    /// The most servers. Names come from policies; servers of earlier policies still count.
    static let mostServers = 1_000

    func record(microseconds time: Int64, at server: ServerName, _ toolClass: ToolClass) {
        node(of: server)?.times[toolClass.place].record(microseconds: time)
    }

    /// The histograms that have values.
    package var all: [(server: ServerName, toolClass: ToolClass, times: Histogram)] {
        var found: [(server: ServerName, toolClass: ToolClass, times: Histogram)] = []
        for place in chains.indices {
            var node = chains[place].load()
            while let one = node {
                for (toolClass, times) in zip(ToolClass.allCases, one.times)
                where times.cumulated.last != 0 { found.append((one.server, toolClass, times)) }
                node = one.next.load()
            }
        }
        return found.sorted {
            ($0.server.text, $0.toolClass.rawValue) < ($1.server.text, $1.toolClass.rawValue)
        }
    }

    private func node(of server: ServerName) -> Node? {
        let place = server.hashValue & 63
        var node = chains[place].load()
        if node == nil {
            guard let fresh = fresh(server) else { return nil }
            node = chains[place].storeIfNil(fresh)
        }
        while let one = node {
            if one.server == server { return one }
            node = one.next.load()
            if node == nil {
                guard let fresh = fresh(server) else { return nil }
                node = one.next.storeIfNil(fresh)
            }
        }
        return nil
    }

    private func fresh(_ server: ServerName) -> Node? {
        guard count.wrappingAdd(1, ordering: .relaxed).oldValue < Self.mostServers else {
            return nil
        }
        return Node(server)
    }
}

extension ToolClass {
    /// The position in `allCases`.
    fileprivate var place: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .destructive: 2
        case .admin: 3
        }
    }
}
