/// Executes independent parts of work. Pure code defines the parts; a program provides the threads.
package protocol Workers: Sendable {
    /// - Returns: the results of `work` for 0, 1 up to `count - 1`, in this order, whatever the order of execution.
    func map<Part: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) -> Part) -> [Part]
}

extension Workers {
    /// Maps `count` elements in a few contiguous ranges, so that work which neighbours share is done once per range.
    ///
    /// - Parameter least: the minimum number of elements in a range, if there are as many.
    package func map<Part: Sendable>(
        runsOf count: Int, least: Int, _ work: @escaping @Sendable (Range<Int>) -> Part
    ) -> [Part] {
        let most = 8
        let length = max(least, (count + most - 1) / most, 1)
        let runs = stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
        return map(runs.count) { work(runs[$0]) }
    }
}

/// Executes the parts one after another on the calling thread.
package struct OneWorker: Workers {
    package init() {}

    package func map<Part>(_ count: Int, _ work: (Int) -> Part) -> [Part] { (0..<count).map(work) }
}
