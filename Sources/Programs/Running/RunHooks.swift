import InterlockHooks
import InterlockHostSettings
import InterlockPolicy
import InterlockPorts
import InterlockSandbox

/// The hooks of coding agents in a run: the adapter, and the files by which each host asks it. A run has them if the policy
/// decides the agent's own tools (docs/specs/coding-agents.md, section 6; docs/decisions/0106).
package struct RunHooks: Sendable, Hashable {
    static let adapterName = "interlock-hook"

    /// The adapter on this machine, without a link at any component.
    private let adapter: String
    /// The address of the route to the model, or nil if the run has none.
    private let model: String?

    package init(adapter: String, model: String?) {
        self.adapter = adapter
        self.model = model
    }

    /// - Returns: nil if the policy does not decide the agent's own tools.
    /// - Throws: a refusal if there is no adapter: a host whose hook cannot be started may run the tool.
    init?(_ agent: AgentEntry, _ settings: SandboxSettings) throws(RunRefusal) {
        guard agent.isAskedByHooks else { return nil }
        do throws(LaunchFailure) {
            adapter = try HostPaths.besideProgram(Self.adapterName)
        } catch {
            throw RunRefusal(
                RunExit.setup, "hooks", "the policy decides the agent's own tools: \(error.reason)")
        }
        model = RunEnvironment.mainRoute(settings)
    }

    /// The launcher makes these files in a tree that is mounted read-only, so no command inside can change them.
    var steps: [SandboxTreeStep] {
        var steps: [SandboxTreeStep] = [
            .bind(
                source: adapter, target: HookPaths.adapterInRun, isWritable: false,
                isExecutable: true)
        ]
        for file in files where !Self.isInHome(file) {
            steps.append(.file(target: file.path, mode: 0o444, content: file.content))
        }
        return steps
    }

    var files: [HostSettingsFile] {
        HookHost.allCases.flatMap { HostSettings(inRun: $0, model: model).files }
    }
}
