package import InterlockModel
package import InterlockPorts
import Synchronization

/// How long calls of each server and class took. Found without a lock: servers are few and stay, so each has a node in
/// one of a few chains that only grow.
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

    /// Names are of the policy; what a policy had long ago still counts.
    static let mostServers = 1_000

    func record(microseconds time: Int64, at server: ServerName, _ toolClass: ToolClass) {
        node(of: server)?.times[toolClass.place].record(microseconds: time)
    }

    /// Those that have any.
    package var all: [(server: ServerName, toolClass: ToolClass, times: Histogram)] {
        var found: [(server: ServerName, toolClass: ToolClass, times: Histogram)] = []
        for place in chains.indices {
            var node = chains[place].load()
            while let one = node {
                for (toolClass, times) in zip(ToolClass.allCases, one.times)
                where times.cumulated.last != 0 {
                    found.append((one.server, toolClass, times))
                }
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
    /// In `allCases`.
    fileprivate var place: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .destructive: 2
        case .admin: 3
        }
    }
}
