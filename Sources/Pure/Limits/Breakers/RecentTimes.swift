import InterlockModel

/// The times of the last few events, as many as matter.
struct RecentTimes: Sendable {
    private var times: [BootTime] = []

    /// - Returns: whether `most.count` of them lie within the span, this one included.
    mutating func note(_ time: BootTime, _ most: Repeats) -> Bool {
        times.append(time)
        if times.count > most.count { times.removeFirst(times.count - most.count) }
        guard times.count == most.count, let first = times.first else { return false }
        return time - first <= most.span
    }

    mutating func clear() { times = [] }

    var newest: BootTime? { times.last }
}
