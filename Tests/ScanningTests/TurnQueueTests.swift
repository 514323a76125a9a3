import InterlockTesting
import Testing

@testable import InterlockScanning

/// The order of turns (docs/decisions/0135-agents-take-turns-in-the-search.md).
@Suite(.requirement("R082")) struct TurnQueueTests {
    private struct Work: Identifiable, Hashable {
        let id: String

        init(_ id: String) { self.id = id }

        /// The first letter of a work.
        var holder: Character { id.first ?? "?" }
    }

    private typealias Queue = TurnQueue<Character, Work>

    private static func queue(_ ids: String...) -> Queue {
        var queue = Queue()
        for id in ids { queue.add(Work(id), of: Work(id).holder) }
        return queue
    }

    /// Gives turns until nothing waits.
    ///
    /// - Parameter turns: those that a work needs, if more than one.
    private static func order(_ queue: inout Queue, turns: [String: Int] = [:]) -> [String] {
        var order: [String] = []
        var left = turns
        while let work = queue.begin() {
            order.append(work.id)
            left[work.id, default: 1] -= 1
            queue.end(again: left[work.id, default: 0] > 0 ? work : nil)
        }
        return order
    }

    @Test func `work behind many of another holder is next but one`() {
        var queue = Self.queue("a1", "a2", "a3", "a4", "b1")
        #expect(queue.count == 5)
        #expect(Self.order(&queue) == ["a1", "b1", "a2", "a3", "a4"])
        #expect(queue.count == 0)
    }

    @Test func `work that comes during a turn of another holder has the next one`() {
        var queue = Self.queue("a1", "a2")
        #expect(queue.begin() == Work("a1"))
        queue.add(Work("a3"), of: "a")
        queue.add(Work("b1"), of: "b")
        queue.end(again: Work("a1"))
        #expect(queue.count == 4)
        #expect(Self.order(&queue) == ["b1", "a1", "a2", "a3"])
    }

    @Test func `work of several turns is done before other work of its holder`() {
        var queue = Self.queue("a1", "a2", "b1", "c1", "b2")
        #expect(
            Self.order(&queue, turns: ["a1": 4, "b1": 2]) == [
                "a1", "b1", "c1", "a1", "b1", "a1", "b2", "a1", "a2",
            ])
    }

    @Test func `work that is removed leaves its turn to others`() {
        var queue = Self.queue("a1", "a2", "b1", "c1", "c2")
        #expect(queue.remove("b1") == Work("b1"))
        #expect(queue.remove("b1") == nil && queue.remove("d1") == nil)
        #expect(queue.remove("c1") == Work("c1"))
        #expect(queue.count == 3)
        #expect(queue.begin() == Work("a1"))
        // It does not wait.
        #expect(queue.isInTurn("a1") && !queue.isInTurn("a2") && queue.remove("a1") == nil)
        #expect(queue.remove("a2") == Work("a2"))
        queue.end()
        #expect(!queue.isInTurn("a1"))
        #expect(Self.order(&queue) == ["c2"])
        queue.add(Work("b2"), of: "b")
        #expect(Self.order(&queue) == ["b2"])
    }

    /// Compared without the order of the queue: each turn is checked against those before it.
    @Test func `no holder has two turns while another waits for one, and each keeps its order`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<rounds(500) {
            var queue = Queue()
            var added = 0
            // The waiting works of each holder, and the holders that had a turn since it waits for one.
            var waiting: [Character: [Int]] = [:]
            var since: [Character: [Character]] = [:]
            var current: Work?
            for _ in 0..<60 {
                switch Int.random(in: 0..<4, using: &chance) {
                case 0, 1:
                    let holder = "abcd".randomElement(using: &chance) ?? "a"
                    added += 1
                    queue.add(Work("\(holder)\(added)"), of: holder)
                    if waiting[holder, default: []].isEmpty, current?.holder != holder {
                        since[holder] = []
                    }
                    waiting[holder, default: []].append(added)
                case 2:
                    if let work = current {
                        let isAgain = Bool.random(using: &chance)
                        queue.end(again: isAgain ? work : nil)
                        if isAgain, let number = Int(work.id.dropFirst()) {
                            waiting[work.holder, default: []].insert(number, at: 0)
                        }
                        since[work.holder] = []
                        current = nil
                    }
                    current = queue.begin()
                    guard let work = current else {
                        #expect(!waiting.values.contains { !$0.isEmpty })
                        continue
                    }
                    #expect(waiting[work.holder]?.first.map { "\(work.holder)\($0)" } == work.id)
                    waiting[work.holder]?.removeFirst()
                    for (holder, numbers) in waiting where !numbers.isEmpty {
                        guard holder != work.holder else { continue }
                        #expect(since[holder]?.contains(work.holder) != true)
                        since[holder, default: []].append(work.holder)
                    }
                default:
                    guard let holder = "abcd".randomElement(using: &chance),
                        let number = waiting[holder]?.randomElement(using: &chance)
                    else { continue }
                    #expect(queue.remove("\(holder)\(number)") != nil)
                    waiting[holder]?.removeAll { $0 == number }
                }
                #expect(queue.count == waiting.values.reduce(0) { $0 + $1.count })
            }
        }
    }
}
