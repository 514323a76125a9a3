package import InterlockPolicy
package import InterlockSandbox

/// The choice of a run's form. It is made before the run is on record, so that the record is true, and nothing replaces
/// it afterwards: a form that fails ends the run (docs/specs/sandbox.md, section 10).
extension SandboxForm {
    /// - Parameter trial: tries a form without executing anything; returns nil if it works here.
    package init(
        _ settings: RunSettings, trial: (SandboxForm) -> String?
    ) {
        switch settings.isolation {
        case .none: self = .none
        case .reduced: self = .reduced(ports: [])
        case .full:
            switch settings.backend {
            case .own: self = .own
            case .bwrap: self = .bubblewrap
            // The refusal of the launcher's own is the one that is recorded if neither works.
            case .auto:
                self = trial(.own) != nil && trial(.bubblewrap) == nil ? .bubblewrap : .own
            }
        }
    }

    /// The backend of records; nil if no namespaces are made.
    package var backend: SandboxBackend? {
        switch self {
        case .own: .own
        case .bubblewrap: .bwrap
        case .reduced, .none: nil
        }
    }

    /// True if there is no overlay, so that the run works on a copy of the project.
    package var copiesProject: Bool { self != .own }

    /// The reason why runs of this form get no cgroup, or nil.
    var absenceOfCgroup: String? {
        self == .own ? nil : "cgroups are for backend `own` in this version"
    }

    /// The ABI of Landlock that is on.
    ///
    /// - Parameter landlock: that of the kernel.
    package func landlock(of landlock: Int) -> Int { self == .none ? 0 : landlock }

    /// A sentence for who starts a run that is not fully isolated.
    var warning: String? {
        switch self {
        case .own, .bubblewrap: nil
        case .reduced:
            "isolation reduced: the command sees the host's users, names and addresses of files, "
                + "and reaches any host that listens on the ports of its proxy"
        case .none:
            "isolation none: nothing of `egress`, `read` and `hide` is kept; the command has your "
                + "files, your network and your processes"
        }
    }

    /// The limits that are not kept although the policy has them.
    func degradedLimits(_ settings: RunSettings) -> [String] {
        // Other processes of the user count where no namespace separates them, and temporary files lie on the disk.
        settings.degradedLimits + (hasNamespaces ? [] : ["pids", "tmp"])
    }
}

extension RunSettings {
    /// Refuses an isolation below `full` that the command line does not name, or that is not confirmed.
    ///
    /// - Parameters:
    ///   - named: the isolation of the command line, or nil if it names none.
    ///   - isConfirmed: whether `--i-know` is given.
    func checkIsolation(named: SandboxIsolation?, isConfirmed: Bool) throws(RunRefusal) {
        guard isolation == .full || named == isolation else {
            throw RunRefusal(
                RunExit.refused, "isolation",
                "the policy states isolation `\(isolation.rawValue)`, which each run must ask for",
                help: "pass --isolation \(isolation.rawValue), or --isolation full")
        }
        guard isolation != .none || isConfirmed else {
            throw RunRefusal(
                RunExit.usage, "usage",
                "isolation `none` gives the command your files, your network and your processes",
                help: "pass --i-know as well")
        }
        guard isolation == .none || !isConfirmed else {
            throw RunRefusal(RunExit.usage, "usage", "--i-know is for --isolation none")
        }
    }
}
