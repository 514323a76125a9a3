import InterlockPolicy
import InterlockSandbox

/// The means of this machine and of the caller for a run.
extension RunSettings {
    mutating func take(_ cgroups: RunCgroupPlan) {
        keptByCgroup = cgroups.kept
        cgroup = cgroups.lines
    }
}

extension TerminalUse {
    /// - Parameter waits: waits until this process is in the foreground of its terminal.
    init(_ setting: SandboxTerminal, waits: Bool) {
        self =
            switch setting {
            case .never: .none
            case .always: .always
            case .auto:
                CallerTerminal.isInput && (!waits || CallerTerminal.waitForForeground())
                    ? .asCaller : .none
            }
    }
}
