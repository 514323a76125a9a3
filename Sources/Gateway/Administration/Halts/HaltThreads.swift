/// The threads for the parts of an order that wait. An order must not need a thread that calls or pages may occupy.
///
/// INVARIANT: a halt order is not delayed by agents, servers or pages: it needs none of their threads and none of the
/// runtime's pool. Kept by `WorkerPoolTests`, `StdioUpstreamTests`, `test_halt_under_flood.py`,
/// `test_console_crowds.py`.
package struct HaltThreads: Sendable {
    /// Suspends the caller.
    let pause: @Sendable (Duration) async -> Void
    /// Runs work that blocks on the disk; returns false if it will not run.
    private let submit: @Sendable (@escaping @Sendable () -> Void) -> Bool

    package init(
        pause: @escaping @Sendable (Duration) async -> Void,
        submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool
    ) {
        self.pause = pause
        self.submit = submit
    }

    /// Uses the caller's thread and the runtime's timer, for a gateway without event loops.
    package static let caller = HaltThreads(
        pause: { try? await Task.sleep(for: $0) },
        submit: {
            $0()
            return true
        })

    /// - Returns: nil if there is no room for the work; it has not run then.
    @discardableResult
    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            guard submit({ continuation.resume(returning: work()) }) else {
                return continuation.resume(returning: nil)
            }
        }
    }
}
