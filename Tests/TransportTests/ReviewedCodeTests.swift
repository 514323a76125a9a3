import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Starts children as `TestLauncher` does, and reports about their code what a test wants.
private final class CodeLauncher: ChildLauncher {
    enum Say: Sendable {
        case reviewed, other, unreadable
        /// The code is changed between the check and the first response.
        case written
    }

    let plain = TestLauncher()
    let say: Mutex<Say>
    let pause: Duration
    let asked = Mutex(0)

    init(_ say: Say, pause: Duration = .zero) {
        self.say = Mutex(say)
        self.pause = pause
    }

    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        guard command.code != nil else { throw LaunchFailure(reason: "no code was asked for") }
        let say = say.withLock { $0 }
        switch say {
        case .other: throw LaunchFailure(reason: "`/x` has changed", isOtherCode: true)
        case .unreadable: throw LaunchFailure(reason: "`/x` cannot be read")
        case .reviewed, .written: break
        }
        let child = try plain.launch(command)
        return LaunchedChild(
            pid: child.pid, pidfd: child.pidfd, stdin: child.stdin, stdout: child.stdout,
            stderr: child.stderr,
            changes: { if case .written = say { "it was written meanwhile" } else { nil } })
    }

    func launchApart(_ command: ChildCommand) async -> Result<LaunchedChild, LaunchFailure> {
        asked.withLock { $0 += 1 }
        try? await Task.sleep(for: pause)
        do throws(LaunchFailure) { return .success(try launch(command)) } catch {
            return .failure(error)
        }
    }

    var pids: [Int32] { plain.launched.withLock { $0.map(\.pid) } }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct ReviewedCodeTests {
    typealias Reports = StdioUpstreamTests.Reports

    private func withServer(
        _ launcher: CodeLauncher, _ body: (UpstreamPool, Reports) async throws -> Void
    ) async throws {
        let loops = LoopGroup(count: 2)
        let reports = Reports()
        let pool = UpstreamPool(
            loops: loops, launcher: launcher, clientVersion: "1", report: { reports.add($0) })
        pool.configure([try configuration()])
        var problem: (any Error)?
        do { try await body(pool, reports) } catch { problem = error }
        await pool.close()
        loops.stop()
        let left = launcher.pids.filter(TestLauncher.isAlive)
        #expect(left.isEmpty, "children stay behind")
        if let problem { throw problem }
    }

    private func configuration() throws -> UpstreamConfiguration {
        var configuration = try StdioUpstreamTests.configuration()
        let digest = Digest(words: (1, 2, 3, 4))
        configuration.code = ProgramCode([
            ProgramCode.Part(kind: .file, path: "/x", digest: digest)
        ])
        return configuration
    }

    @Test func `a server whose code is as reviewed is started and called`() async throws {
        try await withServer(CodeLauncher(.reviewed)) { pool, _ in
            _ = await pool.settled(try Names.server())
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"))
        }
    }

    @Test(arguments: [CodeLauncher.Say.other, .written])
    fileprivate func `one whose code is another is shut off, with all its agents`(
        _ say: CodeLauncher.Say
    ) async throws {
        let launcher = CodeLauncher(say)
        try await withServer(launcher) { pool, reports in
            try await reports.wait(for: "code: \"lock.code\"")
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("failed"))
            // Restoring the code is not enough: a person must ask for another attempt first.
            launcher.say.withLock { $0 = .reviewed }
            let still = try await pool.call(Names.call())
            #expect(still.summary.hasPrefix("failed"))
            await pool.tryAgain(try Names.server())
            let again = try await pool.call(Names.call())
            #expect(again.summary.hasPrefix("result"))
        }
    }

    @Test func `one whose code changes while it runs starts no other child`() async throws {
        let launcher = CodeLauncher(.reviewed)
        try await withServer(launcher) { pool, reports in
            _ = await pool.settled(try Names.server())
            launcher.say.withLock { $0 = .other }
            let answer = try await pool.call(Names.call())
            #expect(!answer.summary.hasPrefix("result"), "the agent's own child is another")
            try await reports.wait(for: "code: \"lock.code\"")
        }
    }

    @Test func `one whose code cannot be read is tried again, and not shut off`() async throws {
        let launcher = CodeLauncher(.unreadable)
        try await withServer(launcher) { pool, reports in
            try await reports.wait(for: "cannot be read")
            #expect(!reports.contains("quarantined"))
            launcher.say.withLock { $0 = .reviewed }
            for _ in 0..<1000 {
                if case .ready = pool.view(of: try Names.server()) { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"))
        }
    }

    @Test func `one that is stopped while its code is read leaves no child`() async throws {
        for isHalted in [true, false] {
            let launcher = CodeLauncher(.reviewed, pause: .milliseconds(300))
            try await withServer(launcher) { pool, _ in
                _ = await eventually { launcher.asked.withLock({ $0 }) != 0 }
                guard isHalted else { return }
                let server = try Names.server()
                pool.holdBack { $0 == server }
                pool.endChildren { asked, _ in asked == server }
                try await Task.sleep(for: .milliseconds(600))
                #expect(launcher.pids.filter(TestLauncher.isAlive).isEmpty)
            }
        }
    }
}
