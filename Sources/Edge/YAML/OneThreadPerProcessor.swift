import Glibc
import InterlockModel
import Synchronization

/// Runs independent work on all processors, with threads that have ended when it returns.
///
/// INVARIANT: the result of compiling a policy on several threads is that of one thread. Kept by `SideBySideTests`.
package struct OneThreadPerProcessor: Workers {
    /// The maximum number of threads: more would not read a policy faster.
    private static let most = 8

    package init() {}

    package func map<Part: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Part
    ) -> [Part] {
        let shared = SharedWork(count, work)
        let processors = min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), Self.most, count)
        // The calling thread works too, and does everything if no thread can be created.
        let helpers = (0..<max(0, processors - 1)).compactMap { _ in thread { shared.run() } }
        shared.run()
        for helper in helpers { pthread_join(helper, nil) }
        return shared.parts
    }

    private func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        var thread = pthread_t()
        let task = unsafe Unmanaged.passRetained(Body(run: body))
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, task.toOpaque())
        if status == 0 { return thread }
        unsafe task.release()
        return nil
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// The untaken parts and the finished ones.
private final class SharedWork<Part: Sendable>: Sendable {
    private let count: Int
    private let work: @Sendable (Int) -> Part
    private let next = Atomic<Int>(0)
    private let done = Mutex<[(number: Int, part: Part)]>([])

    init(_ count: Int, _ work: @escaping @Sendable (Int) -> Part) {
        self.count = count
        self.work = work
    }

    /// Takes one part after the other until all are taken.
    func run() {
        while true {
            let number = next.add(1, ordering: .relaxed).oldValue
            guard number < count else { return }
            let part = work(number)
            done.withLock { $0.append((number, part)) }
        }
    }

    /// All parts in order, once every thread has returned.
    var parts: [Part] { done.withLock { $0.sorted { $0.number < $1.number }.map(\.part) } }
}
