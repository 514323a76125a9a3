import InterlockMCP
import Testing

@testable import InterlockTransport

struct UpstreamConductTests {
    private let second: UInt64 = 1_000_000_000

    @Test func `the third bad line and the third request quarantine`() {
        for fault in [UpstreamConduct.Fault.badLine, .strayRequest] {
            var conduct = UpstreamConduct()
            let verdicts = (0..<3).map { _ in conduct.note(fault, UpstreamLimits()) != nil }
            #expect(verdicts == [false, false, true])
        }
    }

    @Test func `five exits within ten minutes quarantine, five in more do not`() {
        for (gap, isQuarantined) in [(UInt64(149), true), (151, false)] {
            var conduct = UpstreamConduct()
            var verdict: UpstreamConduct.Verdict?
            for number in 0..<5 {
                verdict = conduct.note(
                    .exit(nowNanoseconds: UInt64(number) * gap * second), UpstreamLimits())
            }
            #expect((verdict != nil) == isQuarantined)
        }
    }

    @Test func `answers of nobody are counted and quarantine nobody`() {
        var conduct = UpstreamConduct()
        for _ in 0..<100 { #expect(conduct.note(.strayAnswer, UpstreamLimits()) == nil) }
        #expect(conduct.strayAnswers == 100)
        for _ in 0..<100 { #expect(conduct.note(.strayUpdate, UpstreamLimits()) == nil) }
        #expect(conduct.strayUpdates == 100)
    }

    @Test func `a child is started again after 1, 2, 4 and 8 seconds, at most after 60`() {
        var limits = UpstreamLimits()
        limits.exitWindow = .seconds(100_000)
        var pauses = ExitPauses()
        var now: UInt64 = 0
        for seconds: UInt64 in [1, 2, 4, 8, 16, 32, 60, 60] {
            pauses.note(nowNanoseconds: now, limits)
            #expect(!pauses.mayStart(nowNanoseconds: now + seconds * second - 1))
            #expect(pauses.mayStart(nowNanoseconds: now + seconds * second))
            now += seconds * second
        }
    }

    @Test func `the 65th child of a node is not started`() {
        let children = ChildCount()
        for _ in 0..<64 { #expect(children.enter()) }
        #expect(!children.enter())
        children.leave()
        #expect(children.enter())
    }

    @Test func `stderr is cut at its limit for a minute, and how much was dropped is said`() {
        var log = StderrLog(bytesPerMinute: 10, redaction: .init())
        #expect(log.take(Array("123456\n89012345\n".utf8), nowNanoseconds: 0) == ["123456"])
        #expect(log.take(Array("dropped too\n".utf8), nowNanoseconds: 59 * second) == [])
        #expect(
            log.take(Array("new\n".utf8), nowNanoseconds: 61 * second)
                == ["(18 bytes of stderr dropped)", "890new"])
        #expect(log.finish() == [])
    }

    @Test func `the clock of a call stands still in pauses`() {
        var clock = CallClock(limit: .seconds(10))
        #expect(clock.start(nowNanoseconds: 100 * second) == .seconds(10))
        clock.stop(nowNanoseconds: 104 * second)
        #expect(clock.start(nowNanoseconds: 500 * second) == .seconds(6))
        clock.stop(nowNanoseconds: 507 * second)
        #expect(clock.start(nowNanoseconds: 900 * second) == .seconds(-1))
    }
}
