import InterlockModel
import Synchronization
import Testing

@testable import InterlockYAML

@Suite struct `Work on all processors` {
    @Test(arguments: [0, 1, 2, 1000])
    func `every part is done once and comes back in its place`(count: Int) {
        let done = Mutex<[Int]>([])
        let parts = OneThreadPerProcessor().map(count) { number in
            done.withLock { $0.append(number) }
            return number * number
        }
        #expect(parts == (0..<count).map { $0 * $0 })
        #expect(done.withLock { $0.sorted() } == Array(0..<count))
    }

    @Test(arguments: [(0, 0), (1, 1), (249, 1), (251, 2), (10_000, 8)])
    func `runs are few, and together they are everything`(count: Int, runs: Int) {
        let found = OneWorker().map(runsOf: count, least: 250) { $0 }
        #expect(found.count == runs)
        #expect(found.flatMap(Array.init) == Array(0..<count))
    }
}
