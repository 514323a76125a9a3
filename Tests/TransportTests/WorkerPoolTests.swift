import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct WorkerPoolTests {
    @Test(.requirement("R151"))
    func `R151: a request that blocks its worker delays no other one on the loop`()
        async throws
    {
        let pool = WorkerPool("test", threads: 1, limit: 4)
        let release = DispatchGate()
        let handler = TestHandler(answer: { head, _, exchange in
            guard head.path == "/slow" else {
                return exchange.respond(HTTPResponse(status: 200, body: Array("fast".utf8)))
            }
            await withTaskExecutorPreference(pool) {
                release.wait()
                exchange.respond(HTTPResponse(status: 200, body: Array("slow".utf8)))
            }
        })
        try await withServer(handler) { server, _ in
            let slow = try RawClient(port: server.port)
            slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
            // More requests than there are loops.
            for _ in 0..<8 {
                let fast = try RawClient(port: server.port)
                fast.send(HTTPServerTests.get)
                #expect(try fast.read(until: "fast").contains("200 OK"))
            }
            release.open()
            #expect(try slow.read(until: "slow").contains("200 OK"))
            // The connection continues: the end of the request returned to its loop.
            slow.send(HTTPServerTests.get)
            #expect(try slow.read(until: "fast").contains("200 OK"))
        }
        pool.stop()
    }

    @Test func `a pool is full at its limit, and runs what waits before it ends`() async {
        let pool = WorkerPool("test", threads: 1, limit: 2)
        let release = DispatchGate()
        let began = DispatchGate()
        let done = Counter()
        Task(executorPreference: pool) {
            began.open()
            release.wait()
            done.value.add(1, ordering: .relaxed)
        }
        began.wait()
        #expect(!pool.isFull, "the job that runs does not wait")
        for _ in 0..<2 {
            Task(executorPreference: pool) { done.value.add(1, ordering: .relaxed) }
        }
        #expect(pool.isFull)
        release.open()
        pool.stop()
        #expect(done.value.load(ordering: .relaxed) == 3)
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }
}

/// Blocks threads until it is opened.
final class DispatchGate: Sendable {
    private let isOpen = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }
    func wait() { while !isOpen.load(ordering: .acquiring) { usleep(500) } }
}
