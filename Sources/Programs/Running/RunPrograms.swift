import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockSandboxes

/// The programs of one run, one after the other: its command, and the resumed session after each call that waited for
/// people. They share the run, its workspace, home, network and time; none starts before nothing of the last is left.
struct RunPrograms {
    let run: RunID
    let launcher: AgentLauncher
    let environment: AgentEnvironment
    let settings: RunSettings
    let cgroup: RunCgroup?
    let gateway: RunGateway
    let network: RunNetwork
    let routes: OwnRoutes
    let events: RunEvents
    /// States to the gateway which processes the run has.
    let processes: RunProcessFile
    /// Is nil if the run ends with its command.
    let resumption: SessionResumption?

    /// Returns the outcome of the run once the gateway has its end, and whether nothing of it is known to be left.
    ///
    /// - Parameter started: called once the command is started.
    /// - Throws: if the command cannot be started; a later failure is the outcome.
    func supervise(
        _ sandbox: AgentSandbox, started: () -> Void
    ) throws(RunRefusal) -> (outcome: RunOutcome, isGone: Bool) {
        let deadline = settings.wall.map { ContinuousClock.now + $0 }
        var supervisor: Supervisor
        do throws(RunRefusal) {
            supervisor = try start(sandbox, settings.terminal, hasInput: true, wall: settings.wall)
        } catch {
            cgroup?.remove()
            throw error
        }
        started()
        var end = supervisor.watch()
        do throws(RunRefusal) {
            var rounds = 0
            while let resumption, let call = try resumption.deferredCall(after: end) {
                rounds += 1
                guard rounds <= SessionResumption.mostRounds else {
                    throw RunRefusal(
                        RunExit.refused, "too-many-rounds",
                        "the session has waited for \(rounds - 1) calls; it is not resumed again")
                }
                supervisor.finishProgram()
                guard supervisor.agent.isGone else {
                    throw RunRefusal(
                        RunExit.setup, "not-gone", "something of the session's program is left")
                }
                try resumption.wait(for: call, until: deadline)
                var next = try resumption.sandbox(after: call)
                let left = deadline.map { max(.seconds(1), $0 - ContinuousClock.now) }
                next.wall = left
                supervisor = try start(next, .none, hasInput: false, wall: left)
                end = supervisor.watch().after(end)
            }
        } catch { end.outcome = error.outcome }
        supervisor.end(end)
        return (end.outcome, supervisor.agent.isGone)
    }

    private func start(
        _ sandbox: AgentSandbox, _ terminal: TerminalUse, hasInput: Bool, wall: Duration?
    ) throws(RunRefusal) -> Supervisor {
        do throws(LaunchFailure) {
            let streams = try AgentStreams(terminal, hasInput: hasInput)
            let agent: LaunchedAgent
            do throws(LaunchFailure) {
                try processes.clear()
                agent = try launcher.launch(
                    sandbox, environment, streams.own, cgroup: cgroup?.descriptor)
            } catch {
                streams.closeOwn()
                throw error
            }
            try streams.start()
            return Supervisor(
                run: run, agent: agent, cgroup: cgroup, streams: streams, gateway: gateway,
                network: network, routes: routes, events: events, processes: processes,
                wall: wall, limits: settings.policy)
        } catch { throw RunRefusal(RunExit.setup, "launch", error.reason) }
    }
}
