/// The chain as it really was, and which of its entries were lost: what the properties compare nodes with.
package struct ChainFacts: Sendable {
    package struct Entry: Sendable {
        package let number: Int64
        package let meaning: EntryMeaning
        /// The time of its first commit.
        package let at: VirtualTime
    }

    /// The entries by number, from 1.
    package private(set) var entries: [Entry] = []

    package init() {}

    package var head: Int64 { Int64(entries.count) }

    package mutating func committed(_ meaning: EntryMeaning, at time: VirtualTime) {
        entries.append(Entry(number: head + 1, meaning: meaning, at: time))
    }

    /// Entries after `number` are lost, and no node of the cluster knows them any more.
    package mutating func forget(after number: Int64) {
        guard number < head else { return }
        entries.removeLast(Int(head - max(0, number)))
    }

    package func entry(_ number: Int64) -> Entry? {
        number >= 1 && number <= head ? entries[Int(number) - 1] : nil
    }

    /// The halts of an agent that the first `number` entries leave in force.
    package func halts(of agent: Int, through number: Int64) -> [Entry] {
        var found: [Int: Entry] = [:]
        for entry in entries.prefix(Int(max(0, number))) {
            switch entry.meaning {
            case .halt(let order, _):
                if entry.meaning.stops(agent) { found[order] = entry }
            case .release(let order): found[order] = nil
            case .use, .end, .other: break
            }
        }
        return found.values.sorted { $0.number < $1.number }
    }

    /// True if the request was ended by one of the first `number` entries.
    package func hasEnded(_ grant: Int, through number: Int64) -> Bool {
        entries.prefix(Int(max(0, number))).contains { $0.meaning == .end(grant: grant) }
    }
}
