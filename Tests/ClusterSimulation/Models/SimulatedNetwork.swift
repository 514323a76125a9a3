package import InterlockTesting

/// One end of a connection.
package enum Endpoint: Hashable, Sendable {
    case node(Int)
    case store
}

/// The connections between nodes and to the store: each message is lost, arrives, or arrives twice. Delays are drawn for
/// each message, so that later ones overtake earlier ones.
package struct SimulatedNetwork: Sendable {
    /// The connection in one direction.
    package struct Link: Hashable, Sendable {
        package let from: Endpoint
        package let to: Endpoint

        package init(from: Endpoint, to: Endpoint) {
            self.from = from
            self.to = to
        }
    }

    /// The numbers of messages of 1,000 that are lost, and that arrive twice.
    package var lossPerMille = 0
    package var duplicatePerMille = 0
    package var leastDelay = Duration.microseconds(200)
    package var mostDelay = Duration.milliseconds(3)
    private var cuts: Set<Link> = []
    package private(set) var sent = 0

    package init() {}

    package func isCut(from: Endpoint, to: Endpoint) -> Bool {
        cuts.contains(Link(from: from, to: to))
    }

    package mutating func cut(from: Endpoint, to: Endpoint) {
        cuts.insert(Link(from: from, to: to))
    }

    /// All connections work again, with neither loss nor delay.
    package mutating func heal() {
        cuts = []
        lossPerMille = 0
        duplicatePerMille = 0
        mostDelay = .milliseconds(3)
    }

    /// Returns when a message that is sent now arrives: never, once or twice.
    package mutating func arrivals(
        from: Endpoint, to: Endpoint, at time: VirtualTime, random: inout SeededGenerator
    ) -> [VirtualTime] {
        sent += 1
        guard !isCut(from: from, to: to), !random.chance(lossPerMille) else { return [] }
        let first = time + random.between(leastDelay, mostDelay)
        guard random.chance(duplicatePerMille) else { return [first] }
        return [first, time + random.between(leastDelay, mostDelay)]
    }
}
