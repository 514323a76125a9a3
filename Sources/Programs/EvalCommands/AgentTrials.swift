import InterlockCommandLine
import InterlockEvalTrials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The agent cases of one suite that a run has selected.
struct AgentTrials {
    private let agent: AgentName
    private let cases: [TrialRunner.Case]
    private let runner: TrialRunner

    /// - Parameters:
    ///   - selected: agent cases of the suite, at least one.
    ///   - results: searches what the agent gets from servers.
    /// - Throws: exit 65 if the policy has no lock or a case no world, 69 if the command cannot be started.
    init(
        _ selected: [EvalCase], of contents: SuiteFolder.Contents, under policy: PolicySnapshot,
        results: any ResultInspector, running: RunningCommands, timeout: Duration
    ) throws(Failure) {
        var cases: [TrialRunner.Case] = []
        for one in selected {
            guard case .agent(let agentCase) = one.body else { continue }
            guard let fixture = contents.worlds.fixture(of: agentCase) else {
                throw Failure(.data, "agent case `\(one.id)` has no fixture that can be used")
            }
            cases.append(TrialRunner.Case(one, agentCase, in: fixture))
        }
        self.cases = cases
        agent = contents.suite.agent
        runner = try TrialRunner(
            contents.suite, policy, results: results, running: running, timeout: timeout)
    }

    /// Runs all trials. The outputs of failed ones are kept, and their folder is named on standard error.
    ///
    /// - Returns: the trials of each case.
    /// - Throws: exit 69 if the command cannot be started.
    func run(trials: Int, jobs: Int) async throws(Failure) -> [TrialRunner.Outcome] {
        let folder = try Scratch.make()
        let progress = Progress("trials of \(agent)", of: UInt64(cases.count * trials))
        let outcomes: [TrialRunner.Outcome]
        do throws(Failure) {
            outcomes = try await runner.run(
                cases, trials: trials, jobs: jobs, in: folder, progress)
        } catch {
            progress.end()
            Scratch.remove(folder)
            throw error
        }
        progress.end()
        if let first = outcomes.flatMap(\.outputs).first {
            let name = first.split(separator: "/").last.map(String.init) ?? ""
            Output.error(
                "note: outputs of failed trials of \(agent) are in "
                    + "`\(TerminalEscaping.shown(folder))`, such as `\(name)`")
        } else {
            Scratch.remove(folder)
        }
        return outcomes
    }
}
