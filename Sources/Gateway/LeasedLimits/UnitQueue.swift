import InterlockCluster

/// The requests to the store that wait for their turn, and the tasks that send them. A value type.
///
/// Requests for units that come while others are on their way are one transaction: so an exact limit costs a part of one
/// for each call under load.
struct UnitQueue {
    /// The most transactions at once, of requests for units and of all others.
    static let mostTakers = 2
    static let mostWriters = 2

    private var takes: [UnitTake] = []
    private var messages: [UnitMessage] = []
    private var takers = 0
    private var writers = 0

    mutating func add(_ take: UnitTake) { takes.append(take) }

    mutating func add(_ message: UnitMessage) { messages.append(message) }

    /// Drops all requests that are not on their way.
    mutating func removeAll() {
        takes = []
        messages = []
    }

    /// The numbers of tasks that are to be started.
    mutating func staff() -> (takers: Int, writers: Int) {
        let newTakers = takes.isEmpty ? 0 : min(1, Self.mostTakers - takers)
        let newWriters = min(messages.count, Self.mostWriters) - writers
        takers += newTakers
        writers += max(0, newWriters)
        return (newTakers, max(0, newWriters))
    }

    /// The requests of the next transaction; nil if there are none, and then the task that asks has ended.
    mutating func nextTakes() -> [UnitTake]? {
        guard !takes.isEmpty else {
            takers -= 1
            return nil
        }
        let next = Array(takes.prefix(UnitStoreLimits.takes))
        takes.removeFirst(next.count)
        return next
    }

    /// The next message; nil if there is none, and then the task that asks has ended.
    mutating func nextMessage() -> UnitMessage? {
        guard !messages.isEmpty else {
            writers -= 1
            return nil
        }
        return messages.removeFirst()
    }
}

/// A request other than for units.
enum UnitMessage: Sendable {
    case report(UnitReport)
    /// A lease that is put back, with the most units in a window of its limit.
    case putBack(UnitPutBack, most: Int64)
    case finishRestoring(StoreGeneration)
}
