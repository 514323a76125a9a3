/// The events of a simulation in the order of their time; events of one time in the order in which they were scheduled,
/// so that one seed has one course.
package struct EventQueue<Event> {
    private struct Scheduled {
        let at: VirtualTime
        let order: UInt64
        let event: Event

        func comes(before other: Scheduled) -> Bool {
            at == other.at ? order < other.order : at < other.at
        }
    }

    /// A binary heap: each element comes before its children.
    private var heap: [Scheduled] = []
    private var scheduled: UInt64 = 0
    /// The time of the event that was taken last.
    package private(set) var now = VirtualTime.start

    package init() {}

    package var isEmpty: Bool { heap.isEmpty }
    /// The time of the next event, or nil if there is none.
    package var next: VirtualTime? { heap.first?.at }

    /// - Parameter at: an earlier time than `now` counts as `now`.
    package mutating func schedule(_ event: Event, at: VirtualTime) {
        scheduled += 1
        heap.append(Scheduled(at: max(at, now), order: scheduled, event: event))
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].comes(before: heap[parent]) else { break }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    package mutating func schedule(_ event: Event, in delay: Duration) {
        schedule(event, at: now + delay)
    }

    /// Takes the next event and moves `now` to its time.
    package mutating func take() -> Event? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        now = first.at
        return first.event
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if heap[child].comes(before: heap[least]) { least = child }
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
