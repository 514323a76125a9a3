import CLinux
import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockSandboxes
import InterlockWorkspaceFiles

/// Watches one launched program of a run until everything of it has ended: hands its streams over, hears the gateway, its
/// own signals and the clock, and kills (docs/specs/sandbox.md, section 13).
struct Supervisor {
    let run: RunID
    let agent: LaunchedAgent
    /// Is nil if the processes of the run have no cgroup of their own.
    let cgroup: RunCgroup?
    let streams: AgentStreams
    let gateway: RunGateway
    let network: RunNetwork
    /// Serves the proxy's own routes.
    let routes: OwnRoutes
    let events: RunEvents
    /// Names the processes of the program once they are known.
    let processes: RunProcessFile
    /// The time after which the run is ended, or nil for none.
    let wall: Duration?
    /// States the limits that a record of a limit names.
    let limits: SandboxSettings

    /// The time that a kill may take until it counts as not confirmed.
    private static let confirmation = Duration.seconds(1)
    /// The time that the launcher, which keeps the same clock, has before the supervisor ends the run itself.
    private static let wallGrace = Duration.seconds(2)
    /// The time for which the outputs of a killed command are still copied.
    private static let lastOutput = Duration.milliseconds(200)
    /// The time for which the outputs of a program are copied before the next one starts; a slow reader gets the rest later.
    private static let outputBetween = Duration.seconds(5)

    /// Returns once the launcher has ended and nothing of it is left to read but its outputs. The run has not ended.
    func watch() -> ProgramEnd {
        var state = Watching(deadline: wall.map { ContinuousClock.now + $0 + Self.wallGrace })
        while !state.hasEnded { step(&state) }
        // The last lines may have arrived together with the end.
        readStatus(&state)
        let usage = cgroup?.usage
        state.progress.isOutOfMemory = (usage?.memoryKills ?? 0) > 0
        let end: LaunchedAgent.End?
        do throws(LaunchFailure) { end = try agent.reap() } catch {
            Output.error("interlock: \(error.reason)")
            end = nil
        }
        if case .halt? = state.progress.cause, !state.isUnconfirmed {
            confirmKill(left: left)
        }
        return ProgramEnd(
            outcome: state.progress.outcome, wasStopped: state.progress.cause != nil, usage: usage,
            processorTime: end?.processorTime, largestProcess: state.progress.largestProcess)
    }

    /// Ends a program after which another one follows: its connections are closed, and its outputs copied.
    func finishProgram() {
        network.finishProgram()
        streams.finish(within: Self.outputBetween)
    }

    /// Ends the run with its last program. Returns once its outputs are copied and the gateway has the end.
    func end(_ program: ProgramEnd) {
        let outcome = program.outcome
        // The end of the run is its last record.
        network.finish()
        report(
            SandboxEnd(
                code: outcome.reason, source: outcome.source == .agent ? .agent : .interlock,
                exit: Int(outcome.code),
                processorTime: program.usage?.processorTime ?? program.processorTime,
                peakMemory: program.usage?.peakMemory, largestProcess: program.largestProcess,
                hits: hits(outcome, program.usage)))
        cgroup?.remove()
        streams.finish(within: program.wasStopped ? Self.lastOutput : nil)
    }

    private struct Watching {
        var progress = RunProgress()
        var reader = LaunchStatusReader()
        var hasEnded = false
        var isStatusOpen = true
        var isHandoverOpen = true
        var deadline: ContinuousClock.Instant?
        var killed: ContinuousClock.Instant?
        var isUnconfirmed = false
    }

    /// Waits for one event and acts on it.
    private func step(_ state: inout Watching) {
        var polled = [
            pollfd(fd: agent.pidfd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: events.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: state.isStatusOpen ? agent.status : -1, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: state.isHandoverOpen ? agent.handover : -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&polled, nfds_t(polled.count), patience(state))
        guard count >= 0 || errno == EINTR else { return kill(.fault, &state) }
        if polled[3].revents != 0 { receive(&state) }
        if polled[2].revents != 0 { readStatus(&state) }
        if polled[0].revents != 0 { state.hasEnded = true }
        for event in events.take() {
            switch event {
            case .stop(let cause): kill(cause, &state)
            case .terminal(let event): streams.terminal?.note(event)
            }
        }
        checkTimes(&state)
    }

    /// The milliseconds until the next time that matters, at most one second.
    private func patience(_ state: Watching) -> Int32 {
        let now = ContinuousClock.now
        let late = state.isUnconfirmed ? nil : state.killed.map { $0 + Self.confirmation }
        let times: [ContinuousClock.Instant] = [state.deadline, late].compactMap(\.self)
        let next = times.map { Self.milliseconds($0 - now) }.min() ?? 1000
        return Int32(clamping: max(0, min(next, 1000)))
    }

    /// Rounded up, so that the time has come when the wait for it ends.
    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
    }

    private func checkTimes(_ state: inout Watching) {
        let now = ContinuousClock.now
        if network.checkLease() { kill(.lease, &state) }
        if let deadline = state.deadline, now >= deadline {
            state.deadline = nil
            kill(.wall, &state)
        }
        guard let killed = state.killed, !state.isUnconfirmed, !state.hasEnded,
            now - killed >= Self.confirmation
        else { return }
        state.isUnconfirmed = true
        // The gateway learns what is left, and the launcher, which should have ended, is ended too.
        if case .halt? = state.progress.cause { confirmKill(left: max(1, left)) }
        Output.error("interlock: the run has not ended a second after it was killed")
        agent.killLauncher()
        cgroup?.kill()
    }

    /// The number of processes that are known to be left.
    private var left: Int { max(agent.left, cgroup?.processes ?? 0) }

    private func kill(_ cause: RunProgress.Cause, _ state: inout Watching) {
        guard state.progress.stop(cause) else { return }
        // The proxy first, so that nothing leaves after this.
        network.stop()
        state.killed = ContinuousClock.now
        agent.kill()
        cgroup?.kill()
    }

    private func receive(_ state: inout Watching) {
        do throws(LaunchFailure) {
            switch try agent.receive() {
            case .firstProcess:
                // A kill that came before pid 1 was known has closed the lifeline alone.
                if state.killed != nil { agent.kill() }
                processes.note(agent)
            case .listeners(let http, let socks):
                network.start(run, http: http, socks: socks, gateway, routes: routes)
            case .ended: state.isHandoverOpen = false
            }
        } catch {
            state.isHandoverOpen = false
            Output.error("interlock: \(error.reason)")
            kill(.fault, &state)
        }
    }

    /// Reads what there is of the status; called when there is something, and once at the end.
    private func readStatus(_ state: inout Watching) {
        while state.isStatusOpen {
            var polled = pollfd(fd: agent.status, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&polled, 1, 0) > 0 else { return }
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = unsafe read(agent.status, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                state.isStatusOpen = false
                return
            }
            for status in state.reader.read(bytes[..<count]) { state.progress.read(status) }
            if state.reader.isBroken {
                state.progress.breakOff()
                kill(.fault, &state)
                state.isStatusOpen = false
            }
        }
    }

    /// Reports a kill. Nothing is left once the launcher has ended, and pid 1 before it.
    private func confirmKill(left: Int) {
        tell { () throws(RunGateway.Refusal) in try gateway.confirmKill(of: run, left: left) }
    }

    private func report(_ end: SandboxEnd) {
        tell { () throws(RunGateway.Refusal) in try gateway.end(run, end) }
    }

    /// The limits that the run reached.
    private func hits(_ outcome: RunOutcome, _ usage: CgroupUsage?) -> [SandboxLimitHit] {
        var hits: [SandboxLimitHit] = []
        if outcome.source == .interlock {
            switch outcome.reason {
            case "wall": hits.append(.init(.wall, wall?.components.seconds ?? 0))
            case "workspace-size": hits.append(.init(.workspace, limits.workspace.maxBytes))
            case "disk-space": hits.append(.init(.disk, UpperUsage.leastFreeBytes))
            default: break
            }
        }
        if let usage, usage.memoryKills > 0 { hits.append(.init(.memory, limits.limits.memory)) }
        if let usage, usage.refusedProcesses > 0 {
            hits.append(.init(.pids, Int64(limits.limits.pids)))
        }
        return hits
    }

    /// Does a request whose failure changes nothing here: the gateway ends a run of which it hears nothing.
    private func tell(_ request: () throws(RunGateway.Refusal) -> Void) {
        do throws(RunGateway.Refusal) { try request() } catch {
            guard !error.isUnknownRun else { return }
            Output.error("interlock: the gateway does not know of the run's end: \(error.message)")
        }
    }
}
