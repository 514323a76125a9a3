/// Who does work whose parts need nothing of one another. Pure code says what the parts are; a program
/// brings the threads.
package protocol Workers: Sendable {
    /// - Returns: what `work` gave for 0, 1 up to `count - 1`, in this order, whoever did which part
    ///   and when.
    func map<Part: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Part
    ) -> [Part]
}

extension Workers {
    /// The same for `count` things in a few runs of neighbours, so that what is found out about one need
    /// not be found out for each.
    ///
    /// - Parameter least: things in a run, if there are as many.
    package func map<Part: Sendable>(
        runsOf count: Int, least: Int, _ work: @escaping @Sendable (Range<Int>) -> Part
    ) -> [Part] {
        let most = 8
        let length = max(least, (count + most - 1) / most, 1)
        let runs = stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
        return map(runs.count) { work(runs[$0]) }
    }
}

/// One part after the other, by who asks.
package struct OneWorker: Workers {
    package init() {}

    package func map<Part: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Part
    ) -> [Part] {
        (0..<count).map(work)
    }
}
