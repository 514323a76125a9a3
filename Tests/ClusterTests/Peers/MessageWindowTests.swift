import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

@Suite struct MessageWindowTests {
    private let session = PeerSession(bytes: [UInt8](repeating: 1, count: 16))

    @Test func `over random orders each number is taken once, and the newest always`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<200 {
            var window = MessageWindow()
            var taken: Set<Int64> = []
            var highest: Int64 = 0
            for _ in 0..<300 {
                let number = Int64.random(in: max(1, highest - 80)...highest + 10, using: &chance)
                let isTaken = window.take(session, number)
                #expect(!isTaken || !taken.contains(number), "\(number) was taken before")
                if number > highest { #expect(isTaken) }
                if highest - number < 64, !taken.contains(number) { #expect(isTaken) }
                if isTaken { taken.insert(number) }
                highest = max(highest, number)
            }
        }
    }

    @Test func `numbers begin at one and may leap`() {
        var window = MessageWindow()
        let numbers: [Int64] = [0, -3, 1, .max, .max, 1, .max - 63, .max - 64]
        let taken = numbers.map { window.take(session, $0) }
        #expect(taken == [false, false, true, true, false, false, true, false])
    }

    @Test func `a number of processes that have ended is remembered`() {
        var window = MessageWindow()
        let sessions = (UInt8(0)..<17).map {
            PeerSession(bytes: [UInt8](repeating: $0, count: 16))
        }
        let first = sessions.map { window.take($0, 1) }
        #expect(first.allSatisfy { $0 })
        let second = sessions.map { window.take($0, 2) }
        #expect(second == Array(repeating: false, count: 16) + [true])
    }
}
