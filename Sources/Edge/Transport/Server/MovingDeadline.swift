/// A deadline that is usually moved before it passes: its one timer is kept as long as it fires early enough, and
/// checks the deadline when it fires. Everything happens on the loop.
final class MovingDeadline: @unchecked Sendable {
    /// Called when the deadline has passed, once for each `set`.
    var passed: () -> Void = {}
    private let loop: EventLoop
    private var due = UInt64.max
    private var timer: LoopTimer?

    init(loop: EventLoop) { self.loop = loop }

    func set(_ delay: Duration) {
        due = loop.nowNanoseconds.addingClamped(delay.nanosecondsClamped)
        if let timer, timer.isPending, timer.deadlineNanoseconds <= due { return }
        if let timer { loop.cancel(timer) }
        arm(delay)
    }

    /// The time left until the deadline.
    var left: Duration {
        let now = loop.nowNanoseconds
        return .nanoseconds(Int64(clamping: due > now ? due - now : 0))
    }

    /// Clears the deadline until the next `set`.
    func clear() { due = .max }

    func cancel() {
        due = .max
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func arm(_ delay: Duration) {
        timer = loop.schedule(after: delay) { [weak self] in self?.fired() }
    }

    private func fired() {
        timer = nil
        guard due != .max else { return }
        if due > loop.nowNanoseconds {
            return arm(.nanoseconds(Int64(clamping: due - loop.nowNanoseconds)))
        }
        due = .max
        passed()
    }
}
