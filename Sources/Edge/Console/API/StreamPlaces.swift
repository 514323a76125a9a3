import InterlockModel
import Synchronization

/// Who is told of changes. Each stream holds a connection for as long as its page is open, so there are so many of
/// one person and so many in all: pages that are only open leave room for those that are asked for.
final class StreamPlaces: Sendable {
    fileprivate struct Place {
        let number: Int
        let end: @Sendable () -> Void
    }
    fileprivate struct State {
        /// Of each person the oldest first.
        var places: [Pseudonym: [Place]] = [:]
        var count = 0
        var number = 0
    }

    static let mostOfOne = 8

    private let state = Mutex(State())
    private let most: Int

    init(most: Int) { self.most = most }

    var count: Int { state.withLock { $0.count } }

    /// Takes a place; of a person who has all of theirs the oldest stream ends for it.
    ///
    /// - Parameter end: called at most once, from any thread. The stream calls `leave` all the same.
    /// - Returns: nil when all places are taken.
    func enter(_ person: Pseudonym, end: @escaping @Sendable () -> Void) -> Int? {
        let (number, oldest) = state.withLock { state -> (Int?, Place?) in
            let own = state.places[person] ?? []
            let oldest = own.count >= Self.mostOfOne ? own.first : nil
            guard oldest != nil || state.count < most else { return (nil, nil) }
            if let oldest { state.remove(oldest.number, person) }
            state.number += 1
            state.count += 1
            state.places[person, default: []].append(Place(number: state.number, end: end))
            return (state.number, oldest)
        }
        oldest?.end()
        return number
    }

    func leave(_ number: Int, _ person: Pseudonym) {
        state.withLock { $0.remove(number, person) }
    }
}

extension StreamPlaces.State {
    fileprivate mutating func remove(_ number: Int, _ person: Pseudonym) {
        guard let index = places[person]?.firstIndex(where: { $0.number == number }) else {
            return
        }
        places[person]?.remove(at: index)
        if places[person]?.isEmpty == true { places[person] = nil }
        count -= 1
    }
}
