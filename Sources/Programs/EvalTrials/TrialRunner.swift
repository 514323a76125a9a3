package import InterlockCommandLine
import InterlockCredentials
package import InterlockEvals
package import InterlockModel
import InterlockPatterns
package import InterlockPolicy
package import InterlockPorts
import InterlockTransport

/// Runs the agent cases of a suite: the command of the suite, once for each trial, against a gateway of its own
/// (docs/specs/evals.md, sections 2 and 3).
package struct TrialRunner: Sendable {
    /// An agent case with its world.
    package struct Case: Sendable {
        let evalCase: EvalCase
        let agentCase: AgentCase
        let fixture: WorldFixture

        package init(_ evalCase: EvalCase, _ agentCase: AgentCase, in fixture: WorldFixture) {
            self.evalCase = evalCase
            self.agentCase = agentCase
            self.fixture = fixture
        }
    }

    /// The trials of one case, in their order.
    package struct Outcome: Sendable {
        package let evalCase: EvalCase
        package let scores: [TrialScore]
        /// The files with the output of trials that failed.
        package let outputs: [String]

        /// The uses of the calls that the case forbids or wants stopped, over all trials: one for each of its patterns,
        /// without those that were never tried.
        package var withheld: [WithheldUse] {
            guard let first = scores.first else { return [] }
            return first.withheld.indices.compactMap { place -> WithheldUse? in
                let uses = scores.map { $0.withheld[place] }
                let tried = uses.reduce(0) { $0 + $1.tried }
                guard tried > 0 else { return nil }
                return WithheldUse(
                    id: evalCase.id, tool: first.withheld[place].tool, tried: tried,
                    reachedUpstream: uses.reduce(0) { $0 + $1.reachedUpstream })
            }
        }
    }

    /// The use of a call that a case forbids or wants stopped. What was tried and stopped, and what went through, are
    /// never one number.
    package struct WithheldUse: Sendable, Hashable {
        package let id: CaseID
        package let tool: ToolAddress
        /// 1 or more.
        package let tried: Int
        /// 0 to `tried`.
        package let reachedUpstream: Int
    }

    /// The default of `timeout`.
    package static let usualTimeout = Duration.seconds(300)
    /// The name of the endpoint that `interlock stdio` reads too.
    static let endpointVariable = "INTERLOCK_GATEWAY"
    static let tokenVariable = "INTERLOCK_TOKEN"
    static let requestVariable = "INTERLOCK_EVAL_REQUEST"

    private let agent: AgentName
    private let command: AgentCommand
    private let shared: TrialGateway.Shared
    private let running: RunningCommands
    private let timeout: Duration

    /// - Parameters:
    ///   - results: searches what the agent gets from servers, as in the gateway that serves it.
    ///   - timeout: the longest time of one trial.
    /// - Throws: exit 65 if the policy has no lock, 69 if the command cannot be started, or if the agent has several
    ///   tasks or workloads that do not admit it.
    package init(
        _ suite: Suite, _ policy: PolicySnapshot, results: any ResultInspector,
        running: RunningCommands, timeout: Duration
    ) throws(Failure) {
        let now = SystemClock().now.wall
        let (governing, lock) = try policy.ofTrials(at: now)
        if let workloads = policy.agents[suite.agent]?.workloads,
            !workloads.admits(.anyone, isOfRun: policy.agents[suite.agent]?.sandbox != nil)
        {
            throw Failure(
                .unavailable,
                "this version does not run agent cases of `\(suite.agent)`, whose `workloads` "
                    + "admit only \(workloads)",
                help: "`--kind policy` runs the policy cases alone; such a run is partial")
        }
        let tasks = policy.tasks(of: suite.agent)
        guard tasks.count <= 1 else {
            throw Failure(
                .unavailable,
                "this version does not run agent cases of `\(suite.agent)`, which has several tasks",
                help: "`--kind policy` runs the policy cases alone; such a run is partial")
        }
        agent = suite.agent
        command = try AgentCommand(suite.command)
        shared = TrialGateway.Shared(
            policy: governing, lock: lock, task: tasks.first?.name, results: results,
            approvers: try TrialApprovers(policy, at: now),
            loops: LoopGroup(count: 2, name: "trials"))
        self.running = running
        self.timeout = timeout
    }

    /// Runs the trials of all cases, at most `jobs` at a time.
    ///
    /// - Parameter folder: takes the requests and outputs of trials, `CASE-NUMBER.request` and `CASE-NUMBER.output`. The
    ///   files of trials that passed are removed.
    /// - Throws: exit 69 if the command cannot be started; the trials under way end before that.
    package func run(
        _ cases: [Case], trials: Int, jobs: Int, in folder: String, _ progress: Progress
    ) async throws(Failure) -> [Outcome] {
        var work: [Unit] = []
        for place in cases.indices {
            for number in 1...trials {
                let one = cases[place]
                work.append(
                    Unit(
                        place: place, number: number, one: one,
                        path: "\(folder)/\(one.evalCase.id)-\(number)"))
            }
        }
        let done = await perform(work, jobs: jobs, progress)
        var trialsOfCase: [[Trial]] = cases.map { _ in [] }
        for one in done.sorted(by: { $0.unit.number < $1.unit.number }) {
            trialsOfCase[one.unit.place].append(try one.result.get())
        }
        return zip(cases, trialsOfCase).map { one, trials in
            Outcome(
                evalCase: one.evalCase, scores: trials.map(\.score),
                outputs: trials.compactMap { $0.score.passed ? nil : $0.output })
        }
    }

    private struct Unit: Sendable {
        let place: Int
        /// Counted from 1.
        let number: Int
        let one: Case
        /// The path of its files, without their endings.
        let path: String
    }

    private struct Trial: Sendable {
        let score: TrialScore
        /// Is nil if the command was not started.
        let output: String?
    }

    private struct Done: Sendable {
        let unit: Unit
        let result: Result<Trial, Failure>
    }

    /// Performs the units until all are done, or one cannot be performed.
    private func perform(_ work: [Unit], jobs: Int, _ progress: Progress) async -> [Done] {
        await withTaskGroup(of: Done.self, returning: [Done].self) { group in
            var begun = 0
            while begun < min(jobs, work.count) {
                let unit = work[begun]
                group.addTask { await perform(unit) }
                begun += 1
            }
            var done: [Done] = []
            var hasFailed = false
            while let one = await group.next() {
                done.append(one)
                progress.add()
                if case .failure = one.result { hasFailed = true }
                guard !hasFailed, begun < work.count else { continue }
                let unit = work[begun]
                group.addTask { await perform(unit) }
                begun += 1
            }
            return done
        }
    }

    private func perform(_ unit: Unit) async -> Done {
        do throws(Failure) {
            return Done(unit: unit, result: .success(try await trial(unit)))
        } catch { return Done(unit: unit, result: .failure(error)) }
    }

    private func trial(_ unit: Unit) async throws(Failure) -> Trial {
        let agentCase = unit.one.agentCase
        let path = unit.path
        do throws(FileFailure) {
            try File.write(Array(agentCase.request.utf8), to: path + ".request", mode: 0o600)
        } catch { throw Failure(.cannotCreate, error.message) }
        // The token outlives the command, and ends with the gateway.
        let gateway = try TrialGateway(
            of: agent, for: unit.one.evalCase.id, agentCase, in: unit.one.fixture, shared,
            life: timeout + .seconds(600))
        let servers = running.addServers { gateway.killServers() }
        defer { running.removeServers(of: servers) }
        if let reason = await gateway.awaitServers() {
            await gateway.end()
            return Trial(score: Self.score(gateway, .failed(reason), agentCase), output: nil)
        }
        let process = AgentProcess(
            command: command,
            variables: [
                "\(Self.endpointVariable)=\(gateway.url)",
                "\(Self.tokenVariable)=\(gateway.token)",
                "\(Self.requestVariable)=\(agentCase.request)",
            ],
            input: path + ".request", output: path + ".output", timeout: timeout)
        let ended = await Self.run(process, running)
        await gateway.end()
        let ending = Self.ending(try ended.get(), gateway.failure)
        let score = Self.score(gateway, ending, agentCase)
        if score.passed {
            for suffix in [".request", ".output"] { Scratch.remove(path + suffix) }
        }
        return Trial(score: score, output: path + ".output")
    }

    private static func score(
        _ gateway: TrialGateway, _ ending: TrialTrace.Ending, _ agentCase: AgentCase
    ) -> TrialScore {
        TrialScore(gateway.trace(ending), of: agentCase, patterns: RE2Compiler())
    }

    /// Runs the command on a thread of its own, which it blocks.
    private static func run(
        _ process: AgentProcess, _ running: RunningCommands
    ) async -> Result<AgentProcess.End, Failure> {
        await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<AgentProcess.End, Failure>, Never>) in
            let isStarted = startThread {
                do throws(Failure) {
                    continuation.resume(returning: .success(try process.run(running)))
                } catch { continuation.resume(returning: .failure(error)) }
            }
            if !isStarted {
                continuation.resume(
                    returning: .failure(
                        Failure(.internalError, "there is no thread for a trial")))
            }
        }
    }

    /// - Parameter failure: the failure of the trial's servers or log, which makes the trial a failed one.
    private static func ending(
        _ end: AgentProcess.End, _ failure: String?
    ) -> TrialTrace.Ending {
        switch end {
        case .timedOut: return .timedOut
        case .flooded:
            return .failed("it wrote more than \(AgentProcess.mostBytes >> 20) MiB of output")
        case .lost: return .failed("its end was lost")
        case .exited(let code):
            if let failure { return .failed(failure) }
            return code == 0 ? .finished : .failed("exit \(code)")
        }
    }
}
