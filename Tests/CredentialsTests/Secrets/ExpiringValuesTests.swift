import InterlockModel
import Synchronization
import Testing

@testable import InterlockCredentials

@Suite struct ExpiringValuesTests {
    private let clock = HandClock()
    private let kept = ExpiringValues<String, Int>()
    private let looks = Looks()

    private func value(_ key: String = "a", _ found: Int? = 1) async -> Int? {
        let answer = await kept.value(key, clock: clock) { [looks] in
            looks.count.withLock { $0 += 1 }
            await Task.yield()
            guard let found else { return .failure(KeyFailure(.io, "no")) }
            return .success((found, .seconds(10)))
        }
        if case .success(let value) = answer { return value }
        return nil
    }

    @Test func `a value is looked for once until its end`() async {
        #expect(await value() == 1)
        #expect(await value("a", 2) == 1)
        clock.pass(.seconds(10))
        #expect(kept.known("a", at: clock.now.boot) == nil)
        #expect(await value("a", 2) == 2)
        #expect(looks.count.withLock { $0 } == 2)
        #expect(await value("b", 3) == 3)
    }

    @Test func `who asks at the same time shares one look`() async {
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<50 { group.addTask { await self.value() } }
            for await found in group { #expect(found == 1) }
        }
        #expect(looks.count.withLock { $0 } == 1)
    }

    @Test func `a failure is told and not kept`() async {
        #expect(await value("a", nil) == nil)
        #expect(await value() == 1)
    }

    @Test func `only the value that is meant is dropped`() async {
        _ = await value()
        kept.drop("a") { $0 == 2 }
        #expect(kept.known("a", at: clock.now.boot) == 1)
        kept.drop("a") { $0 == 1 }
        #expect(kept.known("a", at: clock.now.boot) == nil)
    }

    @Test func `where no look is under way there is nothing to wait for`() async {
        #expect(await kept.wait("a") == nil)
        _ = await value()
        #expect(await kept.wait("a") == nil, "what is kept is not told without a look at its end")
    }

    @Test(arguments: [true, false])
    func `what a look finds after a drop or beside a newer value is not kept`(isDropped: Bool)
        async throws
    {
        let answer = await kept.value("a", clock: clock) { [looks, kept, clock] in
            let isFirst = looks.count.withLock { count in
                count += 1
                return count == 1
            }
            guard isFirst else { return .success((3, .seconds(10))) }
            if isDropped {
                kept.drop("a")
            } else {
                kept.keep("a", 2, until: clock.now.boot + .seconds(10))
            }
            return .success((1, .seconds(10)))
        }
        #expect(try answer.get() == (isDropped ? 3 : 2))
        #expect(kept.known("a", at: clock.now.boot) == (isDropped ? 3 : 2))
        #expect(looks.count.withLock { $0 } == (isDropped ? 2 : 1))
    }

    @Test func `all values are dropped together`() async {
        _ = await value()
        _ = await value("b", 2)
        kept.dropAll()
        #expect(kept.known("a", at: clock.now.boot) == nil)
        #expect(await value("b", 3) == 3)
    }

    private final class Looks: Sendable { let count = Mutex(0) }
}
