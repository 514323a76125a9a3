/// One scheduled call of a loop. Cancelled through `EventLoop.cancel`.
package final class LoopTimer {
    let deadlineNanoseconds: UInt64
    fileprivate var sequence: UInt64 = 0
    /// Is nil once it has run or was cancelled, so that captured values are released.
    private var body: (() -> Void)?

    init(deadlineNanoseconds: UInt64, body: @escaping () -> Void) {
        self.deadlineNanoseconds = deadlineNanoseconds
        self.body = body
    }

    var isPending: Bool { body != nil }

    fileprivate func disarm() { body = nil }

    func fire() {
        let body = body
        self.body = nil
        body?()
    }
}

/// A binary heap of timers, earliest first. Cancelled timers remain until they expire or make up more than half of the
/// heap, so creation and cancellation are cheap.
struct TimerHeap {
    private var heap: [LoopTimer] = []
    private var nextSequence: UInt64 = 0
    private var cancelledCount = 0
    private static let smallestSweep = 64

    var count: Int { heap.count }

    mutating func insert(_ timer: LoopTimer) {
        timer.sequence = nextSequence
        nextSequence += 1
        heap.append(timer)
        siftUp(heap.count - 1)
    }

    mutating func cancel(_ timer: LoopTimer) {
        guard timer.isPending else { return }
        timer.disarm()
        cancelledCount += 1
        if cancelledCount > Self.smallestSweep, cancelledCount > heap.count / 2 { sweep() }
    }

    /// Removes and returns the next timer that is due.
    mutating func popExpired(now: UInt64) -> LoopTimer? {
        while let first = heap.first, !first.isPending || first.deadlineNanoseconds <= now {
            removeFirst()
            if first.isPending { return first }
            cancelledCount -= 1
        }
        return nil
    }

    /// The timeout for epoll_wait: -1 without a timer; rounded up, so that a timer never runs early.
    mutating func waitMilliseconds(now: UInt64) -> Int32 {
        while let first = heap.first, !first.isPending {
            removeFirst()
            cancelledCount -= 1
        }
        guard let first = heap.first else { return -1 }
        guard first.deadlineNanoseconds > now else { return 0 }
        let milliseconds = (first.deadlineNanoseconds - now + 999_999) / 1_000_000
        return Int32(min(milliseconds, 3_600_000))
    }

    private func isBefore(_ a: LoopTimer, _ b: LoopTimer) -> Bool {
        (a.deadlineNanoseconds, a.sequence) < (b.deadlineNanoseconds, b.sequence)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isBefore(heap[child], heap[least]) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private mutating func sweep() {
        heap.removeAll { !$0.isPending }
        cancelledCount = 0
        for index in stride(from: heap.count / 2, through: 0, by: -1) { siftDown(index) }
    }
}
