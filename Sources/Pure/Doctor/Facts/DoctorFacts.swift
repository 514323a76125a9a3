package import InterlockHooks
package import InterlockHosts

/// Everything that was read of one host's installation, as the user who runs the host. Each value is what one access gave,
/// its failure included: nothing here is judged.
package struct DoctorFacts: Sendable {
    package let host: HookHost
    package let user: User
    /// The managed file with the hooks, then those of its folder of drop-ins; absent files are included.
    package let managed: [FileFacts]
    /// The managed list of MCP servers, or nil if the host has none.
    package let managedServers: FileFacts?
    /// The addresses of the gateway for agents, by which its own entry in other lists is known.
    package let agentPlane: AgentPlane
    /// The settings of the user and of the project, which agents can change.
    package let ownSettings: [FileFacts]
    /// The lists of MCP servers of the user and of the project.
    package let serverLists: [ServerList]
    /// The variables of `DoctorVariable` that are set, by name.
    package let variables: [String]
    package let adapter: Adapter
    package let version: ProgramFacts
    /// The output of the program that the managed settings name, or nil if they name none that may be started.
    package let policyHelper: ProgramFacts?
    package let endpoint: FileFacts
    package let gateway: Gateway
    package let lastEvent: LastEvent
    package let logKey: LogKey
    package let sandbox: Sandbox
    package var probe: ProbeFacts

    package struct User: Sendable, Hashable {
        package let id: UInt32
        /// False in a user namespace without an id for root.
        package let isRootMapped: Bool

        package init(id: UInt32, isRootMapped: Bool) {
            self.id = id
            self.isRootMapped = isRootMapped
        }
    }

    /// The places that say where the gateway's MCP server is.
    package struct AgentPlane: Sendable {
        /// The managed list of this machine, which one host has, and which root writes for the machine's gateway.
        package let machine: FileFacts?
        /// The address that the configuration of a named deployment states, or nil if none was named.
        package let configured: String?

        package init(machine: FileFacts?, configured: String?) {
            self.machine = machine
            self.configured = configured
        }
    }

    package struct ServerList: Sendable {
        package let kind: HostKind
        package let file: FileFacts

        package init(kind: HostKind, file: FileFacts) {
            self.kind = kind
            self.file = file
        }
    }

    /// The program that the hooks start.
    package struct Adapter: Sendable {
        /// Its content is not read: `bytes` is empty if it exists.
        package let file: FileFacts
        /// The end of the program after an empty input.
        package let trial: ProgramFacts

        package init(file: FileFacts, trial: ProgramFacts) {
            self.file = file
            self.trial = trial
        }
    }

    /// The answer at the address of the endpoint file.
    package enum Gateway: Sendable, Hashable {
        /// There was no address to ask.
        case notAsked
        case failed(String)
        /// - Parameter owner: the user who owns the socket, or nil for a route of a run.
        case answers(owner: UInt32?)
    }

    /// The newest record of a hook's event in the gateway's log.
    package enum LastEvent: Sendable, Hashable {
        /// No deployment was named whose log this user can read.
        case notAsked
        case failed(String)
        case none
        case before(Duration)
    }

    /// The holder of the key that signs the gateway's log.
    package enum LogKey: Sendable, Hashable {
        /// No deployment was named that this user can read.
        case notAsked
        case failed(String)
        case gateway
        /// - Parameters: the user of the signer's socket, the owner of the gateway's state, and whether a slot of the
        ///   signer's tree was damaged when it started, which it tells the gateway's user alone.
        case signer(owner: UInt32, gateway: UInt32, wasTreeDamaged: Bool = false)
    }

    package struct Sandbox: Sendable, Hashable {
        /// True if `interlock run` can make its sandbox, or this is one.
        package let isPossible: Bool
        package let isInside: Bool
        package let detail: String

        package init(isPossible: Bool, isInside: Bool, detail: String) {
            self.isPossible = isPossible
            self.isInside = isInside
            self.detail = detail
        }
    }

    package init(
        host: HookHost, user: User, managed: [FileFacts], managedServers: FileFacts?,
        agentPlane: AgentPlane, ownSettings: [FileFacts], serverLists: [ServerList],
        variables: [String], adapter: Adapter,
        version: ProgramFacts, policyHelper: ProgramFacts?, endpoint: FileFacts, gateway: Gateway,
        lastEvent: LastEvent, logKey: LogKey, sandbox: Sandbox, probe: ProbeFacts
    ) {
        self.host = host
        self.user = user
        self.managed = managed
        self.managedServers = managedServers
        self.agentPlane = agentPlane
        self.ownSettings = ownSettings
        self.serverLists = serverLists
        self.variables = variables
        self.adapter = adapter
        self.version = version
        self.policyHelper = policyHelper
        self.endpoint = endpoint
        self.gateway = gateway
        self.lastEvent = lastEvent
        self.logKey = logKey
        self.sandbox = sandbox
        self.probe = probe
    }
}

/// The end of a program that was started to see what it does.
package enum ProgramFacts: Sendable, Hashable {
    /// There is no such program for this user.
    case absent
    /// It could not be started or was stopped: a reason such as `took longer than 5 s`.
    case failed(String)
    /// - Parameter code: the exit status, or 128 plus the number of the signal.
    case ended(code: Int32, output: [UInt8], errors: [UInt8])
}
