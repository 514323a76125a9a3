import CLinux
import Glibc
import InterlockCommandLine
import InterlockGovernor
import InterlockModel
import InterlockSandbox
import InterlockSandboxes

/// Resumes the session of a run after people have decided its deferred call (docs/specs/coding-agents.md, section 8). The
/// host runs the deferred tool at once if its hook is gone, so the hooks of the new sandbox must be those of the first one.
struct SessionResumption {
    let run: RunID
    let hooks: ManagedHooks
    let gateway: RunGateway
    let events: RunEvents
    /// Compiles the sandbox in which the session continues, from the files of this machine as they are now.
    let compile: () throws(RunRefusal) -> AgentSandbox

    /// The most calls for which one run waits.
    static let mostRounds = 20
    /// The time after which the user sees again that the run waits.
    private static let reminderInterval = Duration.seconds(300)
    /// The time for which a gateway that does not answer is asked, beyond the life of the request.
    private static let grace = Duration.seconds(30)

    /// Returns the call with which the program has ended, or nil if the session is over. A program that failed is not
    /// resumed.
    ///
    /// - Throws: `gateway-unavailable` if that cannot be found out.
    func deferredCall(after end: ProgramEnd) throws(RunRefusal) -> DeferredCallView? {
        guard end.outcome.source == .agent, end.outcome.code == 0 else { return nil }
        do throws(RunGateway.Refusal) { return try gateway.deferredCall(of: run) } catch {
            throw error.refusal
        }
    }

    /// Waits until people have decided.
    ///
    /// - Parameter deadline: the end of the run's time.
    /// - Throws: if the request ended without a decision, the run was stopped, or its time is over.
    func wait(
        for call: DeferredCallView, until deadline: ContinuousClock.Instant?
    ) throws(RunRefusal) {
        var call = call
        let last = ContinuousClock.now + call.left + Self.grace
        var nextReminder = ContinuousClock.now
        while call.decision == .waiting {
            if ContinuousClock.now >= nextReminder {
                Output.error(Self.sentence(call))
                nextReminder += Self.reminderInterval
            }
            try pause(until: deadline)
            do throws(RunGateway.Refusal) {
                call = try gateway.deferredCall(of: run, known: call.approval) ?? call
            } catch { if ContinuousClock.now >= last { throw error.refusal } }
        }
        switch call.decision {
        case .approved, .denied:
            Output.error(
                "interlock: \(call.approval.shown) is \(call.decision.rawValue); the session continues"
            )
        case .ended, .waiting:
            throw RunRefusal(
                RunExit.refused, "undecided",
                "\(call.approval.shown) ended without a decision; the tool did not run")
        }
    }

    /// Returns the sandbox of the resumed session, which may start now.
    ///
    /// - Throws: `hooks` or `hooks-changed` if its hooks are not those of the first program, and a refusal of the gateway if
    ///   the run was halted or ended meanwhile.
    func sandbox(after call: DeferredCallView) throws(RunRefusal) -> AgentSandbox {
        let sandbox = try compile()
        guard try ManagedHooks(of: sandbox) == hooks else {
            throw RunRefusal(
                RunExit.refused, "hooks-changed",
                "the session is not resumed: its hooks are not those with which it began")
        }
        do throws(RunGateway.Refusal) { try gateway.resume(run, after: call.approval) } catch {
            throw error.refusal
        }
        return sandbox
    }

    /// Waits for about a second.
    private func pause(until deadline: ContinuousClock.Instant?) throws(RunRefusal) {
        var polled = pollfd(fd: events.readEnd, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&polled, 1, 1000)
        for case .stop(let cause) in events.take() { throw RunRefusal(stoppedBy: cause) }
        if let deadline, ContinuousClock.now >= deadline { throw RunRefusal(stoppedBy: .wall) }
    }

    private static func sentence(_ call: DeferredCallView) -> String {
        let seconds = call.left.components.seconds
        let left = seconds < 60 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
        let tool = call.tool.map { TerminalEscaping.shown($0) + ", " } ?? ""
        return "interlock: waiting for a decision about \(tool)\(call.approval.shown), "
            + "expires in \(left)"
    }
}
