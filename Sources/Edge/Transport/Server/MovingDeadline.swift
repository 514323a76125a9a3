/// A deadline that mostly moves on before it comes: its one timer is left alone as long as it would fire
/// too early anyway, and looks again when it does. Everything happens on the loop.
final class MovingDeadline: @unchecked Sendable {
    /// Called when the deadline has come; once for each `set`.
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

    /// Until it comes, if nothing moves it.
    var left: Duration {
        let now = loop.nowNanoseconds
        return .nanoseconds(Int64(clamping: due > now ? due - now : 0))
    }

    /// Nothing is due until the next `set`.
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
