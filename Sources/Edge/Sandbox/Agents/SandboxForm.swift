import CLaunch
import CSeccomp

/// The means by which a command is kept from its host (docs/specs/sandbox.md, section 10).
package enum SandboxForm: Sendable, Hashable {
    /// Namespaces and mounts, made by the launcher.
    case own
    /// The same, made by the system's bubblewrap: no overlay, and nothing of the host lies in another bind.
    case bubblewrap
    /// Landlock and seccomp on the tree of the host. TCP connections are possible to these ports alone, on any host.
    case reduced(ports: [UInt16])
    /// Neither: only the environment, the limits of each process and the end of the run are kept.
    case none

    /// True if everything inside ends with its first process.
    package var hasNamespaces: Bool {
        switch self {
        case .own, .bubblewrap: true
        case .reduced, .none: false
        }
    }

    var isolation: interlock_isolation {
        switch self {
        case .own, .bubblewrap: INTERLOCK_ISOLATION_FULL
        case .reduced: INTERLOCK_ISOLATION_REDUCED
        case .none: INTERLOCK_ISOLATION_NONE
        }
    }

    var backend: interlock_backend {
        self == .bubblewrap ? INTERLOCK_BACKEND_BWRAP : INTERLOCK_BACKEND_OWN
    }

    func network(hasListeners: Bool) -> interlock_network {
        switch self {
        case .own, .bubblewrap: hasListeners ? INTERLOCK_NETWORK_PROXY : INTERLOCK_NETWORK_NONE
        case .reduced(let ports):
            ports.isEmpty ? INTERLOCK_NETWORK_NONE : INTERLOCK_NETWORK_PORTS
        case .none: INTERLOCK_NETWORK_HOST
        }
    }

    var ports: [UInt16] { if case .reduced(let ports) = self { ports } else { [] } }
}

extension AgentSandbox {
    /// The variant of the table of refused system calls.
    var filter: UInt32 {
        var variant: UInt32 = 0
        if allowsDebug { variant |= INTERLOCK_SECCOMP_DEBUG.rawValue }
        if case .reduced = form { variant |= INTERLOCK_SECCOMP_REDUCED.rawValue }
        if pairsSockets || server != nil { variant |= INTERLOCK_SECCOMP_PAIRED.rawValue }
        return variant
    }

    /// The namespaces and filters that are on, by the words of records.
    ///
    /// - Parameter landlock: the ABI of the kernel, 0 if it has none.
    package static func layers(of form: SandboxForm, landlock: Int) -> [String] {
        let filters = ["seccomp"] + (landlock > 0 ? ["landlock"] : [])
        return switch form {
        case .own, .bubblewrap: ["user", "mount", "pid", "net", "ipc", "uts", "cgroup"] + filters
        case .reduced: filters
        case .none: []
        }
    }
}
