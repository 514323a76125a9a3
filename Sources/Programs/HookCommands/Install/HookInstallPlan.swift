import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockHooks
import InterlockHostSettings
import InterlockJSON
import InterlockPolicy

/// The files of one installation, from the policy and the configuration of a deployment.
struct HookInstallPlan {
    let host: HookHost
    let scope: HostSettingsScope
    let isDropIn: Bool
    /// The files of the host, which depend on the policy.
    let files: [HostSettingsFile]
    /// Names the gateway to the adapter; the same for all hosts.
    let endpoint: [UInt8]

    /// - Throws: exit 64 for a wrong command line, 65 if the deployment has no socket for hooks, or its policy hides a name
    ///   that the host's rules cannot express.
    init(
        _ invocation: Invocation, _ deployment: Deployment,
        loading: (Deployment, String?) throws(Failure) -> PolicySnapshot
    ) throws(Failure) {
        host = try Self.host(invocation)
        scope = try Self.scope(invocation)
        isDropIn = invocation.has("drop-in")
        let policy = try loading(deployment, nil)
        let hidden = policy.agents.values.filter(\.isAskedByHooks).flatMap {
            $0.sandboxSettings.workspace.hidden
        }
        let configuration = deployment.configuration
        do throws(HostSettingsError) {
            files =
                try HostSettings(
                    host,
                    .machine(
                        gateway: configuration.agentPlane,
                        hidden: Set(hidden + SandboxWorkspace.hiddenByDefault).sorted()),
                    scope: scope, isDropIn: isDropIn
                ).files
        } catch {
            switch error {
            case .hiddenName(let name):
                throw Failure(
                    .data, "the rules of \(host.rawValue) cannot hide `\(name)`",
                    help: "use letters, digits and ._-*?@+~ in `hide`")
            case .noDropIn:
                throw Failure(
                    .usage, "`--drop-in` is for managed settings of claude-code alone")
            }
        }
        let socket = configuration.listeners.hooksSocket
        guard !socket.isEmpty else {
            throw Failure(
                .data, "`listeners.hooks_socket` is not set: hooks would reach no gateway",
                help: "set it in interlock.yaml, and restart the gateway")
        }
        let text: JSONValue = ["socket": .string(deployment.resolve(socket))]
        endpoint = text.serialized() + [UInt8(ascii: "\n")]
        guard (try? HookEndpoint(parsing: endpoint)) != nil else {
            throw Failure(.data, "the path of `listeners.hooks_socket` has more than 107 bytes")
        }
    }

    static func host(_ invocation: Invocation) throws(Failure) -> HookHost {
        try Invocation.choice(invocation.positional[0], "host")
    }

    static func scope(_ invocation: Invocation) throws(Failure) -> HostSettingsScope {
        guard let word = invocation["scope"] else { return .managed }
        guard let scope = HostSettingsScope(rawValue: word) else {
            throw Failure(.usage, "--scope is one of: managed, user, project")
        }
        return scope
    }

    /// All files with the shared one, in the order in which they are written: hooks come last, when all that they need is
    /// there.
    var written: [(file: HostSettingsFile, host: HookHost?)] {
        let own = files.reversed().map { (file: $0, host: Optional(host)) }
        guard scope == .managed else { return own }
        return [(file: HostSettingsFile(path: HookPaths.endpoint, content: endpoint), host: nil)]
            + own
    }
}
