import InterlockTesting
import Synchronization
import Testing

@testable import InterlockTransport

@Suite(.timeLimit(.minutes(2))) struct EventLoopTests {
    @Test func `a task that prefers a loop runs there, also after waiting`() async {
        let loops = LoopGroup(count: 2)
        defer { loops.stop() }
        for loop in loops.loops {
            let places = await Task(executorPreference: loop) {
                var places = [loop.isOnLoop]
                await Task.yield()
                places.append(loop.isOnLoop)
                await loop.sleep(for: .milliseconds(1))
                places.append(loop.isOnLoop)
                return places
            }.value
            #expect(places == [true, true, true])
        }
    }

    @Test func `a thread that waits gets what a loop worked out`() async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let answer = loops.blocking {
            await loop.sleep(for: .milliseconds(1))
            return loop.isOnLoop ? 42 : 0
        }
        #expect(answer == 42)
    }

    @Test func `posted work runs in order, from any thread`() async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let seen = Mutex<[Int]>([])
        let done = Signal()
        for number in 0..<1000 { loop.post { seen.withLock { $0.append(number) } } }
        loop.post { done.set() }
        await done.wait()
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test(.requirement("R151"), .timeLimit(.minutes(2)))
    func `R151: who goes on for as long as a peer sends lets others have their turn`() async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let isOver = Atomic<Bool>(false)
        @Sendable func goOn() {
            if !isOver.load(ordering: .relaxed) { loop.afterOthers { goOn() } }
        }
        loop.post { goOn() }
        await Task(executorPreference: loop) {
            await loop.sleep(for: .milliseconds(5))
            await Task.yield()
        }.value
        isOver.store(true, ordering: .relaxed)
    }

    @Test(.requirement("R151"))
    func `R151: what comes from another thread waits for one job, not for all that are ready`()
        async
    {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let seen = Mutex<[String]>([])
        let (began, handed) = (DispatchGate(), DispatchGate())
        let done = Signal()
        loop.post {
            for number in 0..<3 {
                loop.post {
                    if number == 0 {
                        began.open()
                        handed.wait()
                    }
                    seen.withLock { $0.append("\(number)") }
                }
            }
            loop.post { done.set() }
        }
        began.wait()
        for name in ["a", "b"] { loop.post { seen.withLock { $0.append(name) } } }
        handed.open()
        await done.wait()
        #expect(seen.withLock { $0 } == ["0", "a", "b", "1", "2"])
    }

    @Test func `what is handed over together is run on each loop, beside what others post`() async {
        let loops = LoopGroup(count: 2)
        defer { loops.stop() }
        let seen = Tally()
        let done = [Signal(), Signal()]
        let other = Task.detached {
            for number in 0..<1000 { loops.loops[number % 2].post { seen.count() } }
        }
        for _ in 0..<100 {
            loops.gather {
                for loop in loops.loops { loop.post { seen.count() } }
            }
        }
        await other.value
        for (loop, done) in zip(loops.loops, done) { loop.post { done.set() } }
        for signal in done { await signal.wait() }
        #expect(seen.value == 1200)
    }

    @Test func `timers run in order of their deadlines, equal ones in order of making`() async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let seen = Mutex<[Int]>([])
        let done = Signal()
        loop.post {
            for (number, milliseconds) in [(3, 30), (1, 10), (2, 20), (0, 0), (4, 30)] {
                _ = loop.schedule(after: .milliseconds(milliseconds)) {
                    seen.withLock { $0.append(number) }
                }
            }
            let never = loop.schedule(after: .milliseconds(15)) { seen.withLock { $0.append(99) } }
            loop.cancel(never)
            _ = loop.schedule(after: .milliseconds(40)) { done.set() }
        }
        await done.wait()
        #expect(seen.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func `thousands of cancelled timers leave the others as they were`() async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let loop = loops.loops[0]
        let seen = Mutex<[Int]>([])
        let done = Signal()
        loop.post {
            var timers: [LoopTimer] = []
            for number in 0..<5000 {
                let milliseconds = (number * 7919) % 50
                timers.append(
                    loop.schedule(after: .milliseconds(milliseconds)) {
                        seen.withLock { $0.append(milliseconds) }
                    })
            }
            for (number, timer) in timers.enumerated() where number % 10 != 0 { loop.cancel(timer) }
            _ = loop.schedule(after: .milliseconds(60)) { done.set() }
        }
        await done.wait()
        let order = seen.withLock { $0 }
        #expect(order.count == 500)
        #expect(order == order.sorted())
    }
}

private final class Tally: Sendable {
    private let counted = Mutex(0)
    var value: Int { counted.withLock { $0 } }
    func count() { counted.withLock { $0 += 1 } }
}
