package import InterlockPolicy

/// The settings of one run: those of the policy, narrowed by the command line.
package struct RunSettings: Sendable, Hashable {
    package let policy: SandboxSettings
    package var isolation: SandboxIsolation
    package var backend: SandboxBackend
    /// The time after which the run is ended, or nil for none.
    package var wall: Duration?
    package var secrets: [SandboxSecret]
    package var onExit: SandboxWorkspace.OnExit

    package init(_ policy: SandboxSettings) {
        self.policy = policy
        isolation = policy.isolation
        backend = policy.backend
        wall = policy.limits.wall
        secrets = policy.secrets
        onExit = policy.workspace.onExit
    }

    /// The limits that this version cannot keep, because it uses no cgroup. Without one, a stated `memory` still bounds
    /// each process.
    package var degradedLimits: [String] { ["cpu", "memory"] }
}
