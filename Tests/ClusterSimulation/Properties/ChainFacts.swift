/// The chain as it really was: what the properties compare nodes with.
package struct ChainFacts: Sendable {
    package struct Entry: Sendable {
        package let number: Int64
        package let meaning: EntryMeaning
        /// The time of its first commit.
        package let at: VirtualTime
    }

    /// The entries by number, from 0.
    package private(set) var entries: [Entry] = []
    /// The entries that were lost last, until another one takes the number of the first.
    private var forgotten: [Entry] = []

    /// The halts that people released after the store had lied, so that the numbers of entries mean nothing.
    package var released: Set<Int> = []

    package init() {}

    /// The number of the newest entry; -1 before the first one.
    package var head: Int64 { Int64(entries.count) - 1 }

    package mutating func committed(_ meaning: EntryMeaning, at time: VirtualTime) {
        forgotten = []
        entries.append(Entry(number: head + 1, meaning: meaning, at: time))
    }

    /// Entries after `number` are lost, and no node of the cluster knows them any more.
    package mutating func forget(after number: Int64) {
        guard number < head else { return }
        let lost = Int(head - max(-1, number))
        forgotten = entries.suffix(lost) + forgotten
        entries.removeLast(lost)
    }

    /// Lost entries through `number` are known again. Nodes can act on them from now on.
    ///
    /// - Returns: the entries.
    package mutating func recover(through number: Int64, at time: VirtualTime) -> [Entry] {
        let found = forgotten.prefix { $0.number <= number }
            .map { Entry(number: $0.number, meaning: $0.meaning, at: time) }
        forgotten.removeFirst(found.count)
        entries += found
        return found
    }

    package func entry(_ number: Int64) -> Entry? {
        number >= 0 && number <= head ? entries[Int(number)] : nil
    }

    /// The halts of an agent that the entries through `number` leave in force.
    package func halts(of agent: Int, through number: Int64) -> [Entry] {
        var found: [Int: Entry] = [:]
        for entry in entries.prefix(Int(max(-1, number) + 1)) {
            switch entry.meaning {
            case .halt(let order, _):
                if entry.meaning.stops(agent), !released.contains(order) { found[order] = entry }
            case .release(let order): found[order] = nil
            case .use, .end, .other: break
            }
        }
        return found.values.sorted { $0.number < $1.number }
    }

    /// True if the request was ended by one of the entries through `number`.
    package func hasEnded(_ grant: Int, through number: Int64) -> Bool {
        entries.prefix(Int(max(-1, number) + 1)).contains { $0.meaning == .end(grant: grant) }
    }
}
