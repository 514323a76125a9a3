/// Work of several holders for one worker, which does it a turn at a time. The next turn is that of the holder that has
/// waited longest, since it came or since its last turn; it is for the holder's oldest work.
struct TurnQueue<Holder: Hashable & Sendable, Work: Identifiable & Sendable>: Sendable
where Work.ID: Sendable {
    /// Holders of waiting work, the next one first. The holder whose turn it is joins at its end, so that one that comes
    /// meanwhile is before it.
    private var order: [Holder] = []
    /// The waiting work of each holder, the oldest first. A holder of none has no entry.
    private var waiting: [Holder: [Work]] = [:]
    private var current: (holder: Holder, id: Work.ID)?

    /// The number of works that wait, without the one whose turn it is.
    private(set) var count = 0

    /// Returns the number of works of a holder that wait.
    func count(of holder: Holder) -> Int { waiting[holder]?.count ?? 0 }

    /// Adds work behind that of the same holder.
    mutating func add(_ work: Work, of holder: Holder) {
        if waiting[holder] == nil, holder != current?.holder { order.append(holder) }
        waiting[holder, default: []].append(work)
        count += 1
    }

    /// Begins a turn; the one before has ended.
    ///
    /// - Returns: nil if nothing waits.
    mutating func begin() -> Work? {
        precondition(current == nil, "one turn at a time")
        guard let holder = order.first, let work = waiting[holder]?.first else { return nil }
        order.removeFirst()
        take(holder, at: 0)
        current = (holder, work.id)
        return work
    }

    /// Ends the turn.
    ///
    /// - Parameter work: the work of the turn if it needs another one, which it gets before other work of its holder; nil
    ///   if it is done.
    mutating func end(again work: Work? = nil) {
        guard let holder = current?.holder else { return }
        current = nil
        if let work {
            waiting[holder, default: []].insert(work, at: 0)
            count += 1
        }
        if waiting[holder] != nil { order.append(holder) }
    }

    /// Returns whether it is the turn of this work.
    func isInTurn(_ id: Work.ID) -> Bool { current?.id == id }

    /// Removes work that waits.
    ///
    /// - Returns: the work; nil if it does not wait.
    mutating func remove(_ id: Work.ID) -> Work? {
        for (holder, works) in waiting {
            guard let index = works.firstIndex(where: { $0.id == id }) else { continue }
            take(holder, at: index)
            if waiting[holder] == nil { order.removeAll { $0 == holder } }
            return works[index]
        }
        return nil
    }

    private mutating func take(_ holder: Holder, at index: Int) {
        waiting[holder]?.remove(at: index)
        if waiting[holder]?.isEmpty == true { waiting[holder] = nil }
        count -= 1
    }
}
