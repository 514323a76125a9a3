import InterlockCredentials
import InterlockPolicy
import InterlockSandbox
import InterlockSandboxes

/// The session of a headless Claude Code that `--resume-deferred` resumes, as it is known before the run is on record.
struct ResumableSession {
    let id: HostSessionID
    private let command: ResumableCommand

    /// The command that begins the session, and the one that resumes it.
    var beginning: [String] { command.beginning(id) }
    var resuming: [String] { command.resuming(id) }

    /// Sets what all programs of such a run need: a home that outlives each, and no terminal.
    ///
    /// - Returns: nil if no session is to be resumed.
    /// - Throws: a refusal of a command, a form or a policy with which that is not possible.
    init?(
        _ options: RunOptions, _ form: SandboxForm, _ settings: inout RunSettings
    ) throws(RunRefusal) {
        guard options.resumesDeferred else { return nil }
        guard form.hasNamespaces else {
            throw .unsupported("isolation \(settings.isolation.rawValue): --resume-deferred")
        }
        guard settings.policy.terminal != .always else {
            throw .unsupported("`tty: always` with --resume-deferred")
        }
        // The home counts as changes of the workspace do; without a layer nothing bounds it.
        guard settings.policy.workspace.mode == .overlay else {
            throw .unsupported("a workspace that is not written to, with --resume-deferred")
        }
        command = try ResumableCommand(options.command)
        id = HostSessionID(random: SystemEntropy().bytes(16))
        settings.keepsHome = true
        settings.terminal = .none
    }
}
