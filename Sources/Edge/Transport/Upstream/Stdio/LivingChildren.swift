import Synchronization

/// The children of one session from their launch to their end, which a halt ends from its own thread.
final class LivingChildren: Sendable {
    private struct Child {
        /// How many halts there had been when it was begun.
        let halts: UInt64
        /// Is nil while it is being launched.
        var group: ChildGroup?
    }

    private struct State {
        var children: [UInt64: Child] = [:]
        var halts: UInt64 = 0
    }
    private let state = Mutex(State())

    /// - Parameter number: of the launch, never used twice.
    func began(_ number: UInt64) {
        state.withLock { $0.children[number] = Child(halts: $0.halts) }
    }

    /// One that was halted while it was launched is ended at once.
    func launched(_ number: UInt64, _ group: ChildGroup) {
        let isHalted = state.withLock { state in
            state.children[number]?.group = group
            return state.children[number].map { $0.halts < state.halts } ?? true
        }
        if isHalted { group.halt() }
    }

    /// It has ended, or could not be launched.
    func ended(_ number: UInt64) { state.withLock { $0.children[number] = nil } }

    /// Ends all that have begun.
    ///
    /// - Returns: whether they are gone, asked again and again from any thread.
    func halt() -> @Sendable () -> Bool {
        let (halts, groups) = state.withLock { state in
            state.halts += 1
            return (state.halts, state.children.values.compactMap(\.group))
        }
        for group in groups { group.halt() }
        return { [self] in areGone(before: halts) }
    }

    private func areGone(before halts: UInt64) -> Bool {
        state.withLock { state in
            state.children.values.allSatisfy { $0.halts >= halts || $0.group?.isGone == true }
        }
    }
}
