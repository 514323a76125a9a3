import Synchronization

/// The children of one session from their launch to their end. A halt ends them from its own thread.
final class LivingChildren: Sendable {
    private struct Child {
        /// The number of halts at the start of the launch.
        let halts: UInt64
        /// Is nil during the launch.
        var group: ChildGroup?
    }

    private struct State {
        var children: [UInt64: Child] = [:]
        var halts: UInt64 = 0
    }
    private let state = Mutex(State())

    /// - Parameter number: the number of the launch, which must be unique.
    func began(_ number: UInt64) { state.withLock { $0.children[number] = Child(halts: $0.halts) } }

    /// Notes a launched child, and ends it at once if it was halted during the launch.
    func launched(_ number: UInt64, _ group: ChildGroup) {
        let isHalted = state.withLock { state in
            state.children[number]?.group = group
            return state.children[number].map { $0.halts < state.halts } ?? true
        }
        if isHalted { group.halt() }
    }

    /// Notes that a child has ended or could not be launched.
    func ended(_ number: UInt64) { state.withLock { $0.children[number] = nil } }

    /// Ends all children whose launch has begun.
    ///
    /// - Returns: a function that returns true once they are gone; it may be called repeatedly from any thread.
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
