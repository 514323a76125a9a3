package import InterlockModel
import Synchronization

/// Limits the open event streams, per holder and in total. Each stream occupies a connection for as long as its page is
/// open, so the limits leave connections for ordinary requests.
package final class EventStreamLimiter: Sendable {
    /// A person or one token of a service account; each may hold at most `mostOfOne` streams.
    package enum Holder: Hashable {
        case person(Pseudonym)
        case service(OrderID)
    }

    fileprivate struct Slot {
        package let number: Int
        package let end: @Sendable () -> Void
    }
    fileprivate struct State {
        /// The streams of each holder, oldest first.
        package var places: [Holder: [Slot]] = [:]
        package var count = 0
        package var number = 0
    }

    package static let mostOfOne = 8

    private let state = Mutex(State())
    private let most: Int

    package init(most: Int) { self.most = most }

    package var count: Int { state.withLock { $0.count } }

    /// Takes a slot. If the holder already has `mostOfOne` streams, ends the oldest of them.
    ///
    /// - Parameter end: called at most once, from any thread. The stream must call `leave` even then.
    /// - Returns: nil if all slots are taken.
    package func enter(_ holder: Holder, end: @escaping @Sendable () -> Void) -> Int? {
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

    package func leave(_ number: Int, _ holder: Holder) {
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
