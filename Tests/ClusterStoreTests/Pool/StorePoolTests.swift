import InterlockTesting
import Testing

@testable import InterlockClusterStore

struct StorePoolTests {
    private let store = FakeStore()

    /// - Parameter deadline: long by default, so that a busy machine refuses no one.
    private func pool(
        _ connections: Int = 1, deadline: Duration = .seconds(600), waiting: Int = 100
    ) -> StorePool {
        var settings = PoolSettings()
        settings.connections = connections
        settings.deadline = deadline
        settings.waiting = waiting
        let store = store
        return StorePool(
            settings, pause: { .milliseconds(1) },
            connect: { (_) throws(StoreCallFailure) -> any PooledConnection in
                try store.connect()
            })
    }

    private func failure(_ pool: StorePool, _ statement: String) async -> StoreCallFailure? {
        await thrown { _ = try await pool.run(statement, []) }
    }

    private func isBusy(_ failure: StoreCallFailure?) -> Bool {
        if case .busy = failure { true } else { false }
    }

    @Test func `calls are answered one after the other, in the order in which they came`() async {
        let pool = pool()
        defer { pool.close() }
        let first = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 })
        var tasks: [Task<StoreCallFailure?, Never>] = []
        for number in 1...20 {
            tasks.append(Task { await failure(pool, "call \(number)") })
            #expect(await eventually { pool.waiting == number })
        }
        store.release()
        #expect(await first.value == nil)
        for task in tasks { #expect(await task.value == nil) }
        #expect(store.calls.map(\.statement) == ["wait"] + (1...20).map { "call \($0)" })
        #expect(store.connections == 1)
    }

    @Test func `as many calls are in flight as there are connections`() async {
        let pool = pool(4)
        defer { pool.close() }
        let tasks = (1...5).map { _ in Task { await failure(pool, "wait") } }
        #expect(await eventually { store.waiting == 4 && pool.waiting == 1 })
        #expect(Set(store.calls.map(\.connection)) == [1, 2, 3, 4])
        store.release()
        for task in tasks { #expect(await task.value == nil) }
    }

    @Test func `one caller more than may wait gets an error at once`() async {
        let pool = pool(waiting: 2)
        defer { pool.close() }
        let first = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 })
        let others = (1...2).map { _ in Task { await failure(pool, "call") } }
        #expect(await eventually { pool.waiting == 2 })
        #expect(isBusy(await failure(pool, "one more")))
        store.release()
        #expect(await first.value == nil)
        for task in others { #expect(await task.value == nil) }
        #expect(!store.calls.contains { $0.statement == "one more" })
    }

    @Test func `a caller that waits too long gets an error while the call before it continues`()
        async
    {
        let pool = pool(deadline: .milliseconds(400))
        defer { pool.close() }
        // The connection is free before the next call, which could wait for it too long otherwise.
        while await failure(pool, "first") != nil {}
        let first = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 })
        let clock = ContinuousClock()
        let begun = clock.now
        #expect(isBusy(await failure(pool, "late")))
        #expect(clock.now - begun >= .milliseconds(190))
        #expect(store.waiting == 1)
        store.release()
        #expect(await first.value == nil)
        #expect(!store.calls.contains { $0.statement == "late" })
    }

    @Test func `a call that comes to its thread after its deadline is not sent`() async {
        let pool = pool(deadline: .zero)
        #expect(await eventually { store.connections == 1 })
        for _ in 0..<100 { #expect(isBusy(await failure(pool, "late"))) }
        pool.close()
        #expect(store.calls.isEmpty && store.connections == 1)
    }

    @Test func `without a connection callers get an error in time`() async {
        store.fail(1_000_000)
        let pool = pool(deadline: .milliseconds(200))
        defer { pool.close() }
        #expect(isBusy(await failure(pool, "call")))
        #expect(store.calls.isEmpty)
        #expect(await eventually { store.attempts > 2 })
    }

    @Test func `the time that a caller waited is taken from that of its call`() async throws {
        let pool = pool()
        defer { pool.close() }
        let first = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 })
        let second = Task { await failure(pool, "second") }
        #expect(await eventually { pool.waiting == 1 })
        try await Task.sleep(for: .milliseconds(100))
        store.release()
        #expect(await first.value == nil)
        #expect(await second.value == nil)
        let limit = try #require(store.calls.last?.limit)
        #expect(limit <= .milliseconds(599_950) && limit > .seconds(300))
    }

    @Test(arguments: ["unknown", "25006", "57P01", "53200", "XX000", "42883"])
    func `a connection whose call is lost or shows a broken server is never used again`(
        _ statement: String
    ) async throws {
        let pool = pool()
        #expect(await failure(pool, "before") == nil)
        let found = try #require(await failure(pool, statement))
        #expect(!isBusy(found))
        #expect(await eventually { store.closed == 1 })
        #expect(await failure(pool, "after") == nil)
        pool.close()
        #expect(store.calls.map(\.connection) == [1, 1, 2])
        #expect(store.connections == 2 && store.closed == 2)
    }

    @Test(arguments: ["IL001", "IL002", "IL003", "IL004", "22023", "23514", "40P01"])
    func `a call that the store has undone leaves its connection in use`(
        _ code: String
    ) async {
        let pool = pool()
        defer { pool.close() }
        #expect(await failure(pool, code) == StoreCallFailure(code: code, reason: "a reason"))
        #expect(await failure(pool, "after") == nil)
        #expect(store.calls.map(\.connection) == [1, 1])
    }

    @Test func `attempts to connect are repeated until one succeeds`() async {
        store.fail(5)
        let pool = pool()
        defer { pool.close() }
        #expect(await failure(pool, "call") == nil)
        #expect(store.attempts == 6)
    }

    @Test func `a cancelled task gets its answer, and its connection stays`() async {
        let pool = pool()
        defer { pool.close() }
        let task = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 })
        task.cancel()
        store.release()
        #expect(await task.value == nil)
        #expect(await failure(pool, "after") == nil)
        #expect(store.connections == 1 && store.closed == 0)
    }

    @Test func `a closed pool has ended its calls and connections, and refuses`() async {
        let pool = pool(3)
        let task = Task { await failure(pool, "wait") }
        #expect(await eventually { store.waiting == 1 && store.connections == 3 })
        store.release()
        pool.close()
        #expect(await task.value == nil)
        #expect(store.closed == 3)
        #expect(isBusy(await failure(pool, "after")))
        pool.close()
    }

    @Test func `many callers on few connections each get their own answer`() async {
        let pool = pool(4, waiting: 1000)
        defer { pool.close() }
        await withTaskGroup(of: Bool.self) { group in
            for number in 1...500 {
                group.addTask {
                    let rows = try? await pool.run("call \(number)", [])
                    return rows == [[.text("call \(number)")]]
                }
            }
            for await isOwn in group { #expect(isOwn) }
        }
        #expect(store.calls.count == 500)
    }
}
