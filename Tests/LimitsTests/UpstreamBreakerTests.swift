import InterlockModel
import Testing

@testable import InterlockLimits

/// Failing servers, call by call (docs/specs/limits-and-monitoring.md, section 7).
@Suite struct `Breakers on servers` {
    private final class World {
        var settings = UpstreamBreakerSettings()
        var breaker = UpstreamBreaker(UpstreamBreakerSettings())
        var now = BootTime(microseconds: 1_000_000)

        /// - Returns: nil if the call was refused, otherwise the change that its end caused, if any.
        func call(
            failing: Bool, read: Bool = true, hasRead: Bool = true, after pause: Duration = .zero
        ) -> UpstreamBreaker.Change?? {
            now = now + pause
            let verdict = breaker.admit(isRead: read, hasRead: hasRead, at: now, settings)
            if case .refused = verdict { return nil }
            return .some(
                breaker.end(
                    failed: failing, wasTrial: verdict == .trial, isRead: read, at: now, settings))
        }

        var isOpen: Bool { if case .open = breaker.state { true } else { false } }
    }

    @Test func `five failures in a row open it, a good call between them begins anew`() {
        let world = World()
        for _ in 0..<4 { _ = world.call(failing: true) }
        _ = world.call(failing: false)
        for _ in 0..<4 { _ = world.call(failing: true) }
        #expect(!world.isOpen)
        let end = world.call(failing: true)
        #expect(end == .some(.opened(until: world.now + .seconds(30))))
        #expect(world.call(failing: false) == nil)
    }

    @Test func `half of twenty in thirty seconds open it`() {
        let world = World()
        for number in 0..<19 { _ = world.call(failing: number % 2 == 0, after: .seconds(1)) }
        #expect(!world.isOpen)
        _ = world.call(failing: false)
        _ = world.call(failing: true)
        #expect(world.isOpen)
    }

    @Test func `what failed long ago does not count`() {
        let world = World()
        for number in 0..<200 { _ = world.call(failing: number % 2 == 0, after: .seconds(2)) }
        #expect(!world.isOpen)
    }

    @Test func `it stays open for twice as long each time, up to ten minutes`() {
        let world = World()
        var spans: [Int] = []
        for _ in 0..<5 { _ = world.call(failing: true) }
        while spans.count < 8 {
            guard case .open(let until) = world.breaker.state else { break }
            spans.append(Int((until - world.now).components.seconds))
            world.now = until
            _ = world.call(failing: true)
        }
        #expect(spans == [30, 60, 120, 240, 480, 600, 600, 600])
    }

    @Test func `one call at a time tries, and three that succeed close it`() {
        let world = World()
        for _ in 0..<5 { _ = world.call(failing: true) }
        world.now = world.now + .seconds(30)
        let first = world.breaker.admit(isRead: true, hasRead: true, at: world.now, world.settings)
        #expect(first == .trial)
        #expect(world.call(failing: false) == nil)
        _ = world.breaker.end(
            failed: false, wasTrial: true, isRead: true, at: world.now, world.settings)
        #expect(world.call(failing: false, read: false) == .some(nil))
        #expect(world.call(failing: false) == .some(.closed))
        for _ in 0..<4 { _ = world.call(failing: true) }
        #expect(!world.isOpen)
    }

    @Test func `a write tries after a read, or later where nobody reads`() {
        let world = World()
        for _ in 0..<5 { _ = world.call(failing: true) }
        world.now = world.now + .seconds(40)
        #expect(world.call(failing: false, read: false) == nil)
        #expect(world.call(failing: false, read: false, hasRead: false) == nil)
        world.now = world.now + .seconds(25)
        #expect(world.call(failing: false, read: false) == nil)
        #expect(world.call(failing: false, read: false, hasRead: false) == .some(nil))
    }

    @Test func `a person lets it try, never more`() {
        let world = World()
        let early = world.breaker.halfClose()
        #expect(!early)
        for _ in 0..<5 { _ = world.call(failing: true) }
        let done = world.breaker.halfClose()
        #expect(done)
        #expect(world.breaker.state == .halfOpen)
        _ = world.call(failing: true)
        #expect(world.isOpen)
    }
}
