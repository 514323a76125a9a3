package import InterlockModel

/// The permissions and limits of the processes of an agent's run, or of a stdio server, with the defaults of its
/// profile filled in (docs/specs/sandbox.md, section 8).
///
/// INVARIANT: whatever a policy leaves out has the value of its profile's defaults and is never wider. Kept by
/// `SandboxSettingsTests`.
package struct SandboxSettings: Sendable, Hashable {
    package var profile: SandboxProfile
    package var isolation: SandboxIsolation
    /// A run that gets less is refused. It is at most `isolation`.
    package var minimum: SandboxIsolation
    package var backend: SandboxBackend
    /// True if a kernel without Landlock is accepted.
    package var toleratesMissingLandlock: Bool
    package var workspace: SandboxWorkspace
    /// Absolute paths of the host that are readable; sorted, each once.
    package var read: [String]
    /// Absolute paths of folders that outlive a run and are writable; sorted, each once.
    package var writableCache: [String]
    /// The variables that the policy sets, by name.
    package var environment: [String: String]
    /// The names of variables that are copied from the caller; sorted, each once.
    package var passedVariables: [String]
    /// Sorted by name; names are distinct.
    package var secrets: [SandboxSecret]
    /// The reachable hosts, in the order of their first address.
    package var egress: [EgressSpec]
    /// Sorted by name; names are distinct.
    package var models: [ModelProviderSpec]
    package var resolver: SandboxResolver
    /// The network of a stdio server; for agents always `own`.
    package var network: ServerNetwork
    package var limits: SandboxLimits
    /// True if processes inside may trace one another.
    package var allowsDebug: Bool
    package var terminal: SandboxTerminal
    /// True if `--allow` and `--read` of `interlock run` may add to the policy.
    package var mayBeWidened: Bool
    package var onLeaseLoss = SandboxLeaseLoss.stop
}

/// A set of defaults.
package enum SandboxProfile: String, Sendable, Hashable, CaseIterable {
    /// The defaults of docs/specs/sandbox.md, section 8, for agents.
    case isolated
    /// The defaults of docs/specs/sandbox.md, section 14, for stdio servers.
    case mcp
}

/// The separation of a run from its host, the weakest first.
package enum SandboxIsolation: String, Sendable, Hashable, CaseIterable, Comparable {
    case none
    /// Landlock and seccomp, without namespaces.
    case reduced
    /// Namespaces, mounts, Landlock and seccomp.
    case full

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// The program that creates the namespaces.
package enum SandboxBackend: String, Sendable, Hashable, CaseIterable {
    /// The launcher, or bubblewrap if the host denies namespaces to the launcher.
    case auto
    case own, bwrap
}

/// The view of the project.
package struct SandboxWorkspace: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        case none
        /// Read-only.
        case ro
        /// Changes go to a layer of the run, which is reviewed before it is applied.
        case overlay
    }

    package enum OnExit: String, Sendable, Hashable, CaseIterable { case ask, keep, discard }

    package var mode: Mode
    /// The patterns of names that are not shown, `hide_extra` included; sorted, each once.
    package var hidden: [String]
    /// The most that a run may write, in bytes.
    package var maxBytes: Int64
    package var onExit: OnExit
}

package struct SandboxSecret: Sendable, Hashable {
    package enum Form: String, Sendable, Hashable, CaseIterable {
        /// An environment variable.
        case env
        /// The file `/run/secrets/NAME`.
        case file
    }

    /// The name inside.
    package let name: String
    /// The credential provider, and below the name of the secret there.
    package let provider: SecretSource
    package let source: String
    package let form: Form

    /// The source as a policy states it: `files:npm`.
    package var from: String { provider.rawValue + ":" + source }
}

/// A model provider that is reached without a key: the proxy adds it outside.
package struct ModelProviderSpec: Sendable, Hashable {
    /// The name in the route `/model/NAME/`.
    package let name: String
    /// An `http` or `https` address.
    package let upstream: String
    /// The credential provider, and below the name of the key there.
    package let provider: SecretSource
    package let source: String
    /// True if its addresses may be private or loopback ones.
    package let admitsPrivate: Bool

    package init(
        name: String, upstream: String, provider: SecretSource, source: String,
        admitsPrivate: Bool = false
    ) {
        self.name = name
        self.upstream = upstream
        self.provider = provider
        self.source = source
        self.admitsPrivate = admitsPrivate
    }

    /// The key as a policy states it: `files:models`.
    package var key: String { provider.rawValue + ":" + source }
}

package enum SandboxResolver: Sendable, Hashable {
    /// The resolver of the host.
    case system
    /// Name servers as `address:port`, in the order in which they are asked; 1 to 3.
    case servers([String])

    /// The values as a policy states them.
    package var texts: [String] {
        switch self {
        case .system: ["system"]
        case .servers(let addresses): addresses
        }
    }
}

package struct SandboxLimits: Sendable, Hashable {
    /// The time after which a run is ended, or nil for a stdio server, which lives as long as its gateway.
    package var wall: Duration?
    /// Processors.
    package var cpu: Int
    /// Memory of all processes together, in bytes.
    package var memory: Int64
    /// True if the policy states `memory` itself, so that it is also a limit of each process without a cgroup.
    package var statesMemory: Bool
    package var pids: Int
    package var openFiles: Int
    /// The largest file, and below all temporary files together, in bytes.
    package var fileSize: Int64
    package var tmp: Int64
    /// True if a run is refused where no cgroup can be used.
    package var requiresCgroup: Bool
}

package enum SandboxTerminal: String, Sendable, Hashable, CaseIterable {
    case never
    /// A terminal if the caller's input is one.
    case auto
    case always
}
