import Synchronization

/// Who is told of changes. Each stream holds a connection for as long as its page is open, so there are so many of
/// one session and so many in all: pages that are only open leave room for those that are asked for.
final class StreamPlaces: Sendable {
    fileprivate struct Place {
        let number: Int
        let end: @Sendable () -> Void
    }
    fileprivate struct State {
        /// Of each session the oldest first.
        var places: [String: [Place]] = [:]
        var count = 0
        var number = 0
    }

    static let mostOfOne = 4

    private let state = Mutex(State())
    private let most: Int

    init(most: Int) { self.most = most }

    var count: Int { state.withLock { $0.count } }

    /// Takes a place; in a session that has all of its own the oldest stream ends for it.
    ///
    /// - Parameters:
    ///   - session: its token.
    ///   - end: called at most once, from any thread. The stream calls `leave` all the same.
    /// - Returns: nil when all places are taken.
    func enter(_ session: String, end: @escaping @Sendable () -> Void) -> Int? {
        let (number, oldest) = state.withLock { state -> (Int?, Place?) in
            let own = state.places[session] ?? []
            let oldest = own.count >= Self.mostOfOne ? own.first : nil
            guard oldest != nil || state.count < most else { return (nil, nil) }
            if let oldest { state.remove(oldest.number, session) }
            state.number += 1
            state.count += 1
            state.places[session, default: []].append(Place(number: state.number, end: end))
            return (state.number, oldest)
        }
        oldest?.end()
        return number
    }

    func leave(_ number: Int, _ session: String) {
        state.withLock { $0.remove(number, session) }
    }
}

extension StreamPlaces.State {
    fileprivate mutating func remove(_ number: Int, _ session: String) {
        guard let place = places[session]?.firstIndex(where: { $0.number == number }) else {
            return
        }
        places[session]?.remove(at: place)
        if places[session]?.isEmpty == true { places[session] = nil }
        count -= 1
    }
}
