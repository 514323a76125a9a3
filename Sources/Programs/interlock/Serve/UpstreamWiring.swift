import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockRunning
import InterlockSandbox
import InterlockSandboxes
import InterlockTransport
import Synchronization

/// Turns the policy's servers into connections: sandboxed children, sessions, brokered credentials.
final class UpstreamWiring: Sendable {
    let pool: UpstreamPool
    /// The servers that break the protocol.
    private let breaches: DeferredNotifications<Breach>
    private let launcher: SandboxLauncher?
    private let sandboxes: ServerSandboxes
    let credentials: CredentialSources
    /// The secrets of servers that programs print.
    private let programs: ProgramSecretService
    /// The alerts about servers' credentials.
    private let alarms: DeferredNotifications<UpstreamAlert>
    private let checkEvery: Duration
    private let canaries: CanaryServers
    /// True if children can be sandboxed.
    var hasChildren: Bool { launcher != nil }

    typealias Breach = (server: ServerName, code: String, reason: String)
    typealias UpstreamAlert = (code: String, server: ServerName)

    /// - Parameter takes: returns true for an event that is not logged.
    init(
        _ deployment: Deployment, loops: LoopGroup,
        takes: @escaping @Sendable (UpstreamEvent) -> Bool = { _ in false }
    ) throws(Failure) {
        let alarms = DeferredNotifications<UpstreamAlert>()
        self.alarms = alarms
        credentials = try CredentialSources(
            deployment, loops: loops,
            issuerChanged: { alarms.tell(("upstream.issuer_changed", $0)) },
            refreshRefused: { alarms.tell(("upstream.refresh_refused", $0)) })
        programs = ProgramSecretService(credentials.provider)
        checkEvery = deployment.configuration.mcp.checkPins
        launcher = try Self.launcher(deployment)
        sandboxes = try FileFailure.exits(
            .cannotCreate, try ServerSandboxes(state: deployment.state))
        let breaches = DeferredNotifications<Breach>()
        self.breaches = breaches
        let canaries = CanaryServers()
        self.canaries = canaries
        pool = UpstreamPool(
            loops: loops, launcher: launcher, clientVersion: GatewaySettings().version,
            report: { event in
                if canaries.take(event) { return }
                if !takes(event) {
                    log(Self.line(of: event), Self.level(of: event), part: "servers")
                }
                if case .quarantined(let server, let code, let reason) = event {
                    breaches.tell((server, code, reason))
                }
            })
    }

    /// Reports each server that breaks the protocol to the quarantine service, including those from before this call.
    func tellQuarantines(_ service: QuarantineService) {
        breaches.deliver { service.brokeProtocol($0.server, code: $0.code, reason: $0.reason) }
    }

    /// Raises alerts about servers' credentials with `raise`, including those from before this call.
    func raiseAlarms(with raise: @escaping @Sendable (String, ServerName) -> Void) {
        alarms.deliver { raise($0.code, $0.server) }
    }

    /// Called on SIGHUP: servers that named another issuer are queried again, and new tokens are obtained.
    func startTokensOver() { credentials.tokens.startOver() }

    /// Makes the launcher of children, which can access neither this deployment nor home folders, sockets or agents.
    /// Returns nil if children cannot be sandboxed.
    static func launcher(_ deployment: Deployment) throws(Failure) -> SandboxLauncher? {
        let kept = try deployment.hidden()
        do throws(LaunchFailure) {
            let covers = HostPaths.standardCovers(
                home: environment("HOME"),
                agentSocket: environment("SSH_AUTH_SOCK").map(parent(of:)))
            let launcher = SandboxLauncher(
                SandboxConfiguration(
                    launcher: try HostPaths.launcherBesideProgram(), kept: kept, covered: covers,
                    emptyFile: deployment.state + "/empty"),
                hashing: OpenSSLHashing())
            if let reason = launcher.unavailability() {
                log("stdio servers are not offered: \(reason)", .error, part: "servers")
                return nil
            }
            return launcher
        } catch {
            log("stdio servers are not offered: \(error.reason)", .error, part: "servers")
            return nil
        }
    }

    /// Configures the servers that match their entries in the lock; others are not even started. Obtains their secrets
    /// again, and waits for no program of `secrets.commands`: a server whose secret no program has printed yet is
    /// starting until `settle` returns. Must not be called again before it returns.
    ///
    /// - Parameters:
    ///   - only: the servers to connect; nil for all servers.
    ///   - withoutCaches: the servers of which Python reads no byte code caches.
    func apply(
        _ policy: PolicySnapshot, only: Set<ServerName>? = nil,
        withoutCaches: Set<ServerName> = [], to pool: UpstreamPool
    ) async {
        programs.supersede()
        let connected = policy.servers.values.filter {
            policy.lockRefusal(of: $0.name) == nil && only?.contains($0.name) != false
        }
        let references = connected.filter(\.isChild).reduce(into: Set<SecretReference>()) {
            $0.formUnion($1.variables.references)
        }
        let printed = references.filter { $0.source == .commands }
        let secrets = await ServerSecrets(
            references.subtracting(printed), from: credentials.provider)
        func isWaiting(_ server: ServerEntry) -> Bool {
            server.isChild && !server.variables.references.isDisjoint(with: printed)
        }
        let waiting = connected.filter { isWaiting($0) }
        let ready = connected.filter { !isWaiting($0) }
            .compactMap { prepare($0, under: policy, secrets, withoutCaches) }
        programs.follow(printed) { [self] known in
            let all = secrets.merging(known)
            let complete = waiting.filter { all.isComplete(for: $0.variables) }
            configure(
                ready + complete.compactMap { prepare($0, under: policy, all, withoutCaches) },
                awaiting: Set(waiting.map(\.name)).subtracting(complete.map(\.name)), in: pool)
        }
    }

    /// Returns once each program that prints a secret of a server has ended, or its time is over.
    func settle() async { await programs.settle() }

    /// A server as it is handed to the pool, and its access for the launcher.
    private struct Prepared: Sendable {
        let configuration: UpstreamConfiguration
        let access: SandboxConfiguration.Access?
    }

    private func prepare(
        _ server: ServerEntry, under policy: PolicySnapshot, _ secrets: ServerSecrets,
        _ withoutCaches: Set<ServerName>
    ) -> Prepared? {
        let access = self.access(of: server, secrets)
        guard
            var found = configuration(of: server, under: policy.lock, secrets, access: access)
        else { return nil }
        if withoutCaches.contains(server.name) {
            found.environment.append(ProgramCode.withoutCachesVariable)
        }
        return Prepared(configuration: found, access: access)
    }

    private func configure(
        _ servers: [Prepared], awaiting: Set<ServerName>, in pool: UpstreamPool
    ) {
        for name in awaiting.sorted() {
            log("server \(name) is starting: a program is asked for its secret", part: "servers")
        }
        launcher?.setAccess(
            servers.reduce(into: canaries.access) { $0[$1.configuration.server] = $1.access })
        pool.configure(
            servers.map(\.configuration).sorted { $0.server < $1.server }, awaiting: awaiting)
    }

    /// Sets who decides about the connections of servers' children; called once, before the first policy is applied.
    func setSandboxes(_ service: SandboxService) { sandboxes.setService(service) }

    /// Closes all servers. Returns once the last child has ended.
    func close() async {
        programs.stop()
        await pool.close()
        sandboxes.stop()
    }

    /// - Returns: nil for a server over HTTP, and if a part of it cannot be made: the server is not offered.
    private func access(
        of server: ServerEntry, _ secrets: ServerSecrets
    ) -> SandboxConfiguration.Access? {
        guard server.isChild else { return nil }
        do {
            let access = try sandboxes.access(
                of: server, secretFiles: try secrets.files(server.variables))
            let lost = ServerSandboxes.degradedLimits(of: server).joined(separator: " and ")
            if !lost.isEmpty {
                log(
                    "server \(server.name): limits: \(lost) cannot be kept for all its processes, "
                        + "because this version uses no cgroup", .warning, part: "servers")
            }
            return access
        } catch {
            let reason = (error as? KeyFailure)?.reason ?? (error as? FileFailure)?.message ?? ""
            log(
                "server \(server.name) is not offered: its sandbox cannot be made: \(reason)",
                .warning, part: "servers")
            return nil
        }
    }

    /// Connects the servers of a drill too, through the same pool and sandbox.
    func add(canaries servers: DrillServers) {
        canaries.set(servers)
        launcher?.addAccess(servers.access)
        pool.add(canaries: servers.configurations)
    }

    func removeCanaries() async {
        await pool.removeCanaries()
        canaries.set(nil)
    }

    private func configuration(
        of server: ServerEntry, under lock: PolicyLock?, _ secrets: ServerSecrets,
        access: SandboxConfiguration.Access?
    ) -> UpstreamConfiguration? {
        let egress: ChildEgress?
        do throws(Failure) { egress = try sandboxes.egress(of: server) } catch {
            log("server \(server.name) is not offered: \(error.message)", .warning, part: "servers")
            return nil
        }
        let connection: UpstreamConfiguration.Connection
        switch server.connect {
        case .http(let url): connection = .http(url: url)
        case .stdio(let argv): connection = .stdio(argv: argv)
        case nil: return nil
        }
        // A child without its access would not have the sandbox that was reviewed.
        if server.isChild, access == nil { return nil }
        var limits = UpstreamLimits()
        limits.checkEvery = checkEvery
        guard let variables = childVariables(of: server, secrets) else { return nil }
        return UpstreamConfiguration(
            server: server.name, connection: connection, environment: variables,
            secrets: server.isChild ? secrets.values(server.variables) : [],
            code: lock?.servers[server.name]?.code, network: server.network, egress: egress,
            sandbox: access, owner: server.owner,
            allowsPrivateNames: server.allowsPrivateNames, credentials: broker(for: server),
            reviewedVersion: lock?.servers[server.name].flatMap {
                ProtocolVersion(rawValue: $0.protocolVersion)
            }, limits: limits)
    }

    /// Reads secrets at once, so that missing ones are logged at start. A failure is not kept: each call tries again.
    private func broker(for server: ServerEntry) -> CredentialBroker {
        let broker = CredentialBroker(server, credentials)
        let name = server.name
        let agents = server.credentials.filter { credentials.clients[$0.value.secret] == nil }
            .keys.sorted()
        Task {
            for agent in agents {
                guard case .failure(let failure) = await broker.get(agent) else { continue }
                log("server \(name), agent \(agent): \(failure.reason)", .warning, part: "servers")
            }
        }
        return broker
    }

    /// The variables of every child, then those of the policy.
    ///
    /// - Returns: nil if a secret cannot be obtained: a server without it would not do what was reviewed.
    private func childVariables(
        of server: ServerEntry, _ secrets: ServerSecrets
    ) -> [(String, String)]? {
        var values = Dictionary(uniqueKeysWithValues: Self.childEnvironment)
        // A server over HTTP has no child that could get them.
        guard server.isChild else { return values.sorted { $0.key < $1.key } }
        for (name, value) in server.variables.plain { values[name] = value }
        do throws(KeyFailure) {
            values.merge(try secrets.variables(server.variables)) { _, new in new }
        } catch {
            log(
                "server \(server.name) is not offered: a secret of its variables cannot be obtained: "
                    + error.reason, .warning, part: "servers")
            return nil
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The names of all variables in the environment of a server's child, sorted.
    static func variables(of server: ServerEntry) -> [String] {
        server.variables.names.union(childEnvironment.map(\.0)).sorted()
    }

    /// The variables of every child. No variable of the gateway's own environment reaches a child.
    static let childEnvironment = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("PYTHONUNBUFFERED", "1"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return path }
        return String(path[..<slash])
    }

    private static func level(of event: UpstreamEvent) -> LogLine.Level {
        switch event {
        case .connected, .stderr: .info
        case .failed, .toolsChanged, .quarantined, .exited: .warning
        }
    }

    private static func line(of event: UpstreamEvent) -> String {
        switch event {
        case .connected(let server, let tools): "server \(server) connected, \(tools) tools"
        case .failed(let server, let reason):
            "server \(server) failed: \(TerminalEscaping.shown(reason))"
        case .toolsChanged(let server): "server \(server) changed its tools"
        case .quarantined(let server, _, let reason):
            "server \(server) quarantined: \(TerminalEscaping.shown(reason))"
        case .exited(let server, let agent, let reason):
            "server \(server) for \(agent?.text ?? "the catalogue") ended: \(TerminalEscaping.shown(reason))"
        case .stderr(let server, _, let line):
            "server \(server) says: \(TerminalEscaping.shown(line))"
        }
    }
}

/// The servers of the drill under way, if there is one.
private final class CanaryServers: Sendable {
    private let servers = Mutex<DrillServers?>(nil)

    func set(_ new: DrillServers?) { servers.withLock { $0 = new } }

    var access: [ServerName: SandboxConfiguration.Access] {
        servers.withLock { $0 }?.access ?? [:]
    }

    /// - Returns: true if the event is a line of a canary's server, which is no news to operators.
    func take(_ event: UpstreamEvent) -> Bool {
        guard case .stderr(let server, _, _) = event, server.isOfCanaries else { return false }
        servers.withLock { $0 }?.hear(event)
        return true
    }
}
