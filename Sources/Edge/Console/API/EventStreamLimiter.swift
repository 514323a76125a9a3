import InterlockModel
import Synchronization

/// Who is told of changes. Each stream holds a connection for as long as its page is open, so there are so many of
/// one holder and so many in all: pages that are only open leave room for those that are asked for.
final class EventStreamLimiter: Sendable {
    /// Of one person, and of one token of a service, there are so many.
    enum Holder: Hashable {
        case person(Pseudonym)
        case service(OrderID)
    }

    fileprivate struct Slot {
        let number: Int
        let end: @Sendable () -> Void
    }
    fileprivate struct State {
        /// Of each holder the oldest first.
        var places: [Holder: [Slot]] = [:]
        var count = 0
        var number = 0
    }

    static let mostOfOne = 8

    private let state = Mutex(State())
    private let most: Int

    init(most: Int) { self.most = most }

    var count: Int { state.withLock { $0.count } }

    /// Takes a place; of a holder who has all of theirs the oldest stream ends for it.
    ///
    /// - Parameter end: called at most once, from any thread. The stream calls `leave` all the same.
    /// - Returns: nil when all places are taken.
    func enter(_ holder: Holder, end: @escaping @Sendable () -> Void) -> Int? {
        let (number, oldest) = state.withLock { state -> (Int?, Slot?) in
            let own = state.places[holder] ?? []
            let oldest = own.count >= Self.mostOfOne ? own.first : nil
            guard oldest != nil || state.count < most else { return (nil, nil) }
            if let oldest { state.remove(oldest.number, holder) }
            state.number += 1
            state.count += 1
            state.places[holder, default: []].append(Slot(number: state.number, end: end))
            return (state.number, oldest)
        }
        oldest?.end()
        return number
    }

    func leave(_ number: Int, _ holder: Holder) {
        state.withLock { $0.remove(number, holder) }
    }
}

extension EventStreamLimiter.State {
    fileprivate mutating func remove(_ number: Int, _ holder: EventStreamLimiter.Holder) {
        guard let index = places[holder]?.firstIndex(where: { $0.number == number }) else {
            return
        }
        places[holder]?.remove(at: index)
        if places[holder]?.isEmpty == true { places[holder] = nil }
        count -= 1
    }
}
