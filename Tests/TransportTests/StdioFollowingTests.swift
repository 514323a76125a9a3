import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Notifications of children about changes of single resources, in either era.
@Suite(.serialized) struct StdioFollowingTests {
    private final class Told: Sendable {
        let uris = Mutex<[String]>([])
    }

    @Test(.timeLimit(.minutes(1)), arguments: [["--resources"], ["--resources", "--modern"]])
    func `a child tells its agent, stays while it is followed, and is told the end`(
        flags: [String]
    ) async throws {
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        limits.childIdle = .milliseconds(300)
        try await StdioUpstreamTests.withServer(flags, limits: limits) { pool, launcher, reports in
            let (server, agent) = (try Names.server(), try Names.agent())
            let told = Told()
            func follow(_ uris: Set<ExactText>) {
                pool.follow(uris, of: server, for: agent) { uri in
                    told.uris.withLock { $0.append(uri) }
                }
            }
            func ofAgent() -> [Int32] {
                launcher.launched.withLock { $0.filter { $0.command.agent != nil }.map(\.pid) }
            }
            follow(["notes://a"])
            #expect(await eventually { told.uris.withLock { $0 } == ["notes://a"] })
            #expect(pool.strayUpdates(of: server) == 1)
            try await Task.sleep(for: .milliseconds(600))
            let child = try #require(ofAgent().first)
            #expect(TestLauncher.isAlive(child), "idle, and followed")
            // The end of the child does not end the subscription: another child is started.
            pool.endChildren { $1 != nil }
            #expect(await eventually { ofAgent().count == 2 })
            #expect(await eventually { told.uris.withLock { $0.count } >= 2 })
            follow([])
            let second = try #require(ofAgent().last)
            #expect(await eventually { !TestLauncher.isAlive(second) }, "nobody needs it")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `what failed is asked for again`() async throws {
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        try await StdioUpstreamTests.withServer(["--resources", "--failing"], limits: limits) {
            pool, launcher, _ in
            let told = Told()
            pool.follow(["notes://a"], of: try Names.server(), for: try Names.agent()) { uri in
                told.uris.withLock { $0.append(uri) }
            }
            _ = await eventually { !told.uris.withLock({ $0.isEmpty }) }
            #expect(told.uris.withLock { $0 } == ["notes://a"])
            let started = launcher.launched.withLock { $0.count { $0.command.agent != nil } }
            #expect(started == 1, "by the same child")
        }
    }

    /// A halt empties the followed set after it was last read, and before the child exists.
    @Test(.timeLimit(.minutes(1))) func `no child is started for what nobody follows any more`()
        async throws
    {
        try await StdioUpstreamTests.withServer(["--resources"]) { pool, launcher, _ in
            let (server, agent) = (try Names.server(), try Names.agent())
            let looked = Signal()
            pool.holdBack { [weak pool] _ in
                pool?.follow([], of: server, for: agent) { _ in }
                looked.set()
                return false
            }
            pool.follow(["notes://a"], of: server, for: agent) { _ in }
            await looked.wait()
            try await Task.sleep(for: .milliseconds(300))
            #expect(launcher.launched.withLock { $0.allSatisfy { $0.command.agent == nil } })
            pool.holdBack { _ in false }
        }
    }
}
