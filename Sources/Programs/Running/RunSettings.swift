package import InterlockPolicy
package import InterlockSandbox

/// The settings of one run: those of the policy, narrowed by the command line.
package struct RunSettings: Sendable, Hashable {
    package var policy: SandboxSettings
    package var isolation: SandboxIsolation
    package var backend: SandboxBackend
    /// The time after which the run is ended, or nil for none.
    package var wall: Duration?
    package var secrets: [SandboxSecret]
    package var onExit: SandboxWorkspace.OnExit
    package var terminal = TerminalUse.none
    /// The limits of all processes together that a cgroup keeps: `cpu`, `memory`, `pids`.
    package var keptByCgroup: Set<String> = []
    /// The settings of the run's cgroup, or nil if it gets none.
    package var cgroup: [String]?
    /// The hooks of coding agents, or nil if the policy does not decide their tools.
    package var hooks: RunHooks?
    /// True if the home lies on the disk until the run ends, so that each program of the run finds it.
    package var keepsHome = false
    /// The additions of the command line, which the policy permits.
    package var widening = RunWidening()

    package init(_ policy: SandboxSettings) {
        self.policy = policy
        isolation = policy.isolation
        backend = policy.backend
        wall = policy.limits.wall
        secrets = policy.secrets
        onExit = policy.workspace.onExit
    }

    /// The limits that are not kept for all processes together. Without a cgroup a stated `memory` still bounds each
    /// process, and `pids` is kept by a limit of the kernel.
    package var degradedLimits: [String] {
        ["cpu", "memory"].filter { !keptByCgroup.contains($0) }
    }
}
