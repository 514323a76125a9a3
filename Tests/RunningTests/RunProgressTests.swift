import InterlockModel
import InterlockSandbox
import Testing

@testable import InterlockRunning

/// The exit codes of docs/specs/sandbox.md, section 11.
@Suite struct `Outcomes of a run` {
    private func outcome(
        _ lines: [String], stoppedBy cause: RunProgress.Cause? = nil
    ) throws -> RunOutcome {
        var progress = RunProgress()
        for line in lines { progress.read(try #require(LaunchStatus(line))) }
        if let cause {
            let isFirst = progress.stop(cause)
            #expect(isFirst)
        }
        return progress.outcome
    }

    @Test(arguments: [
        (["started 6", "ended exited 0"], 0, "agent", "exited"),
        (["started 6", "ended exited 71"], 71, "agent", "exited"),
        (["started 6", "peak 2048", "ended exited 0"], 0, "agent", "exited"),
        (["started 6", "ended killed 15"], 143, "agent", "signalled"),
        (["started 6", "ended wall 0"], 124, "interlock", "wall"),
        (["refused userns-denied namespaces 1"], 70, "interlock", "userns-denied"),
        (["refused root start 0"], 64, "interlock", "root"),
        (["failed mount-proc 1"], 71, "interlock", "mount-proc"),
        (["not-executed 2"], 127, "interlock", "not-found"),
        (["not-executed 20"], 127, "interlock", "not-found"),
        (["not-executed 13"], 126, "interlock", "not-executable"),
        (["started 6"], 137, "interlock", "launcher-lost"),
        ([], 137, "interlock", "launcher-lost"),
    ])
    func `each end has its code and its source`(
        _ lines: [String], _ code: Int32, _ source: String, _ reason: String
    ) throws {
        let outcome = try outcome(lines)
        #expect(outcome.code == code && outcome.source.rawValue == source)
        #expect(outcome.reason == reason)
    }

    @Test func `a run that is stopped says by what`() throws {
        let halt = RunProgress.Cause.halt(
            OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)))
        let ended = ["started 6", "ended lifeline 0"]
        let killed = try outcome(ended, stoppedBy: halt)
        #expect(killed.code == 137 && killed.reason == "killed" && killed.source == .interlock)
        #expect(try outcome(["started 6", "ended killed 9"], stoppedBy: halt).reason == "killed")
        #expect(try outcome(ended, stoppedBy: .signal(2)).code == 130)
        #expect(try outcome(ended, stoppedBy: .wall).code == 124)
        #expect(try outcome(ended, stoppedBy: .gateway).reason == "not-registered")
        let lost = try outcome(ended, stoppedBy: .lease)
        #expect(lost.code == 137 && lost.reason == "lease" && lost.source == .interlock)
        // The command was quicker than the kill.
        let own = try outcome(["started 6", "ended exited 3"], stoppedBy: halt)
        #expect(own.code == 3 && own.source == .agent)
    }

    @Test func `a run that used up its memory says so, and its largest process is known`() throws {
        var progress = RunProgress()
        for line in ["started 6", "peak 2048", "ended killed 9"] {
            progress.read(try #require(LaunchStatus(line)))
        }
        #expect(progress.largestProcess == 2_097_152)
        #expect(progress.outcome.reason == "signalled" && progress.outcome.source == .agent)
        progress.isOutOfMemory = true
        #expect(progress.outcome.reason == "memory" && progress.outcome.code == 137)
        #expect(progress.outcome.source == .interlock)
    }

    @Test func `the first cause stays`() {
        var progress = RunProgress()
        let first = progress.stop(.wall)
        let second = progress.stop(.signal(15))
        #expect(first && !second)
        #expect(progress.cause == .wall)
    }

    @Test func `a status that cannot be read is a failure`() {
        var progress = RunProgress()
        progress.breakOff()
        #expect(progress.outcome.code == 71 && progress.outcome.reason == "status")
    }

    @Test(
        arguments: [
            ("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("0s", nil), ("-1s", nil),
            ("+5m", nil), ("5", nil), ("m", nil), ("", nil), ("9999999999d", nil), ("1.5h", nil),
        ] as [(String, Int64?)])
    func `durations of the command line`(_ text: String, _ seconds: Int64?) {
        #expect(RunOptions.seconds(text) == seconds)
    }

    @Test(arguments: [
        ("/a/./b//c/", "/a/b/c"), ("/a/../b", "/b"), ("/../..", "/"), ("/", "/"),
    ])
    func `paths without dots`(_ path: String, _ expected: String) {
        #expect(HostFiles.normal(path) == expected)
    }
}
