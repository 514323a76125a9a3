import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafetyCommands
import InterlockSandbox
import InterlockSandboxes
import InterlockWorkspaceFiles

/// One `interlock run`, from its command line to its end. The order matters: whatever can refuse comes before the start
/// is recorded, and the start is on record before the command is executed (docs/specs/sandbox.md, section 3).
struct RunLaunch {
    let loading: @Sendable (Deployment, String?) throws(Failure) -> PolicySnapshot
    let broker: @Sendable (Deployment) throws(Failure) -> SecretProvider
    private(set) var report = RunReport()

    init(
        loading: @escaping @Sendable (Deployment, String?) throws(Failure) -> PolicySnapshot,
        broker: @escaping @Sendable (Deployment) throws(Failure) -> SecretProvider
    ) {
        (self.loading, self.broker) = (loading, broker)
    }

    mutating func run(_ invocation: Invocation) -> RunOutcome {
        do throws(RunRefusal) {
            let prepared: Prepared
            do throws(Failure) { prepared = try prepare(invocation) } catch {
                throw RunRefusal(error)
            }
            return try launch(prepared)
        } catch { return error.outcome }
    }

    /// Runs a command under a policy that is not the one in the folder.
    mutating func run(
        _ options: RunOptions, in deployment: Deployment, under policy: PolicySnapshot
    ) -> RunOutcome {
        do throws(RunRefusal) {
            return try launch(
                Prepared(
                    options: options, deployment: deployment, policy: policy,
                    agent: policy.agents[options.agent]))
        } catch { return error.outcome }
    }

    /// The facts that are known before anything is recorded.
    private struct Prepared {
        let options: RunOptions
        let deployment: Deployment
        let policy: PolicySnapshot
        let agent: AgentEntry?
    }

    private func prepare(_ invocation: Invocation) throws(Failure) -> Prepared {
        guard let folder = File.realPath(".") else {
            throw Failure(.io, "the current folder cannot be found")
        }
        let options = try RunOptions(invocation, folder: folder)
        let deployment = try Deployment.open(invocation)
        let policy = try loading(deployment, options.policy)
        return Prepared(
            options: options, deployment: deployment, policy: policy,
            agent: policy.agents[options.agent])
    }

    private mutating func launch(_ prepared: Prepared) throws(RunRefusal) -> RunOutcome {
        let (options, deployment) = (prepared.options, prepared.deployment)
        guard let agent = prepared.agent else {
            throw RunRefusal(
                RunExit.refused, "no-such-agent", "the policy has no agent `\(options.agent)`",
                help: "interlock agents list")
        }
        do throws(UnknownTask) {
            _ = try prepared.policy.task(of: options.purpose, for: options.agent)
        } catch {
            throw RunRefusal(RunExit.refused, "unknown-task", "\(error)", help: error.help)
        }
        var settings = try options.narrowed(agent.sandboxSettings)
        try RunSecrets.check(
            settings, kind: options.kind,
            ProductionSecrets(deployment.configuration.secrets.production))
        let form = SandboxForm(settings) { form in
            options.isDryRun ? nil : SandboxTrial.failure(of: form)
        }
        let session = try ResumableSession(options, form, &settings)
        let command = session?.beginning ?? options.command
        if session == nil, form.hasNamespaces || settings.policy.terminal == .always {
            settings.terminal = TerminalUse(settings.policy.terminal, waits: !options.isDryRun)
        }
        let cgroups = try RunCgroupPlan(
            settings.policy.limits, isTrial: options.isDryRun, unused: form.absenceOfCgroup)
        settings.take(cgroups)
        settings.hooks = try RunHooks(agent, settings.policy)
        let landlock = form.landlock(of: HostAbilities.landlock)
        report.isolation = settings.isolation.rawValue
        report.layers = AgentSandbox.layers(of: form, landlock: landlock)
        let compiler = SandboxCompiler(
            settings, kept: deployment.keptFromRuns, caller: { environment($0) })
        let folders = RunFolderPaths(deployment, agent: options.agent)
        let tried = try compiler.compile(
            id: "dry-run", command: command,
            folders.of("RUN", workspace: options.workspace), hasListeners: true
        ).adapted(
            to: form, folders.of("RUN", workspace: options.workspace), settings, .real)
        let hooks = session == nil ? nil : try ManagedHooks(of: tried)
        let network = try RunNetwork(settings.policy)
        if options.isDryRun {
            for line in tried.lines { Output.line(TerminalEscaping.shown(line)) }
            return RunOutcome(0, .interlock, "dry-run")
        }
        let hidden = try RunWorkspace.hiddenNames(settings.policy.workspace)
        let secrets = try RunSecrets(settings) { () throws(Failure) in try broker(deployment) }
        let variables = try RunEnvironment.variables(
            settings.policy, hasProxy: form != .none, hasTerminal: settings.terminal != .none,
            caller: { environment($0) }, secrets: secrets.variables)
        let launcher = try launcher()
        let host = try HostRun(form)
        let scan = try LaunchScan(
            options, agent, hidden: hidden, form: form, command: tried.command,
            path: settings.policy.environment["PATH"] ?? RunEnvironment.path,
            hooks: settings.hooks, deployment,
            further: secrets.unfiled, at: SystemClock().now.wall)
        note(settings, form, cgroups)
        let gateway = RunGateway(deployment)
        let events = try RunEvents()
        let begun = try gateway.begin(
            SandboxRequest(
                agent: options.agent, kind: options.kind, purpose: options.purpose,
                request: options.request, policy: prepared.policy.digest,
                argv: OpenSSLHashing().sha256(command.flatMap { Array($0.utf8) + [0] }),
                isolation: settings.isolation.rawValue, backend: form.backend?.rawValue,
                layers: report.layers, degraded: form.degradedLimits(settings), landlock: landlock,
                hidden: settings.policy.workspace.hidden, secrets: settings.secrets.map(\.name),
                degradation: form.degradedLimits(settings).isEmpty ? nil : cgroups.degradation,
                allowed: settings.widening.egress.flatMap(\.addresses),
                read: settings.widening.read,
                measured: scan.measurement, session: session?.id,
                workspace: settings.policy.workspace.mode == .none
                    ? nil : FolderPath(options.workspace) ?? .root))
        report.run = begun.run.text
        gateway.follow(begun.run, events, network)
        let processes = folders.processes(of: begun.run.text)
        processes.begin()
        // The run is on record now, so each way out records its end.
        do throws(RunRefusal) {
            let own = folders.of(begun.run.text, workspace: options.workspace)
            try folders.make(caches: compiler.cacheFolders(own), of: own)
            try host?.make(own)
            try folders.make(settings.hooks, of: own)
            if session != nil { try folders.makeHome(of: own, mounts: tried.tree.map(\.target)) }
            let workspace = try RunWorkspace(
                begun.run, own, settings.policy.workspace, hidden: hidden,
                cache: HashCacheFile(deployment, project: options.workspace),
                scan: scan, isCopy: form.copiesProject)
            let used = settings
            func compiled(_ command: [String]) throws(RunRefusal) -> AgentSandbox {
                try compiler.compile(
                    id: begun.run.text, command: command, own, hasListeners: true
                ).adapted(to: host?.form ?? form, own, used, .real)
            }
            let sandbox = try compiled(command)
            var monitor = workspace.monitor
            if session != nil { monitor?.home = RunLayer.home(of: own) }
            if let cause = monitor?.cause(walks: false) { throw RunRefusal(stoppedBy: cause) }
            // The preparation takes time, in which a halt may have stopped the run.
            for case .stop(let cause) in events.take() { throw RunRefusal(stoppedBy: cause) }
            if let host, let listeners = host.listeners {
                // The agent plane is for runs whose connections are theirs alone.
                network.start(
                    begun.run, http: listeners.http, socks: listeners.socks, gateway, routes: nil,
                    password: host.password)
            }
            let cgroup = try cgroups.make(begun.run.text)
            if settings.terminal != .none { events.watchTerminal() }
            var resumption: SessionResumption?
            if let session, let hooks {
                resumption = SessionResumption(
                    run: begun.run, hooks: hooks, gateway: gateway, events: events,
                    compile: { () throws(RunRefusal) in try compiled(session.resuming) })
            }
            let (outcome, isGone) = try RunPrograms(
                run: begun.run, launcher: launcher,
                environment: AgentEnvironment(
                    variables: host?.variables(variables, own) ?? variables,
                    secretFiles: secrets.files),
                settings: settings, cgroup: cgroup, gateway: gateway, network: network,
                routes: OwnRoutes(
                    socket: deployment.runsSocket, token: begun.token,
                    patience: deployment.configuration.mcp.hardTimeout + .seconds(60),
                    providers: secrets.providers),
                events: events, processes: processes, resumption: resumption
            ).supervise(sandbox) { monitor?.start(events) }
            noteRefusals(network.refusals, begun.run)
            if isGone {
                host?.remove(own)
                if session != nil { folders.remove(RunLayer.home(of: own)) }
                if settings.hooks != nil { folders.remove(RunLayer.hooks(of: own)) }
                report.changes = workspace.finish(begun.run, onExit: settings.onExit, gateway)
            }
            return outcome
        } catch {
            try? gateway.end(
                begun.run,
                SandboxEnd(
                    code: error.outcome.reason, source: .interlock, exit: Int(error.outcome.code)))
            throw error
        }
    }

    private func launcher() throws(RunRefusal) -> AgentLauncher {
        do throws(LaunchFailure) {
            return AgentLauncher(path: try HostPaths.launcherBesideProgram())
        } catch { throw RunRefusal(RunExit.setup, "launcher", error.reason) }
    }

    /// Names the command that shows the refused connections, since a client mostly hides the reason.
    private func noteRefusals(_ count: Int, _ run: RunID) {
        guard count > 0 else { return }
        Output.error(
            "interlock: \(count) \(count == 1 ? "connection was" : "connections were") refused: "
                + "`interlock audit query --run \(run.text) --decision deny`")
    }

    /// Says on standard error which limits of the policy are not kept on this machine, and what the form does not give.
    private func note(_ settings: RunSettings, _ form: SandboxForm, _ cgroups: RunCgroupPlan) {
        if let warning = form.warning { Output.error("interlock: " + warning) }
        guard let absence = cgroups.absence, !settings.degradedLimits.isEmpty else { return }
        Output.error(
            "interlock: limits: \(settings.degradedLimits.joined(separator: " and ")) cannot be "
                + "kept: \(absence)")
    }
}

extension Deployment {
    /// The paths of this deployment of which no run sees a part.
    fileprivate var keptFromRuns: [String] {
        [state, secrets, tokens, founderKey, ledger, store]
    }
}

/// The folders of a deployment's runs and caches.
struct RunFolderPaths {
    private let runs: String
    private let caches: String

    init(_ deployment: Deployment, agent: AgentName) {
        runs = deployment.runs
        caches = deployment.state + "/caches/" + agent.text
    }

    func of(_ run: String, workspace: String) -> SandboxCompiler.Folders {
        SandboxCompiler.Folders(
            workspace: workspace, layer: "\(runs)/\(run)/layer", caches: caches)
    }

    func processes(of run: String) -> RunProcessFile { RunProcessFile(folder: "\(runs)/\(run)") }

    /// Makes a home on the disk, which is in the layer, as what else a run leaves.
    ///
    /// - Parameter mounts: paths inside. Those below the home get their folders: the launcher makes none on the disk.
    func makeHome(of folders: SandboxCompiler.Folders, mounts: [String]) throws(RunRefusal) {
        do throws(FileFailure) {
            let home = RunLayer.home(of: folders)
            for folder in [folders.layer, home] { try File.makeFolder(folder, mode: 0o700) }
            for mount in mounts where PathRelation.isWithin(mount, SandboxPath.home) {
                var folder = home
                for name in mount.dropFirst(SandboxPath.home.utf8.count).split(separator: "/") {
                    folder = "\(folder)/\(name)"
                    try File.makeFolder(folder, mode: 0o700)
                }
            }
        } catch { throw RunRefusal(RunExit.setup, "folders", error.message) }
    }

    /// Removes a folder of the layer, once nothing of the run is left.
    func remove(_ folder: String) {
        do throws(WorkspaceFailure) { try RunFolder.discard(folder) } catch {
            Output.error("interlock: `\(folder)` cannot be removed: \(error.message)")
        }
    }

    /// Writes the hooks that are mounted below the home.
    func make(_ hooks: RunHooks?, of folders: SandboxCompiler.Folders) throws(RunRefusal) {
        guard let hooks else { return }
        do throws(FileFailure) { try hooks.write(folders) } catch {
            throw RunRefusal(RunExit.setup, "hooks", error.message)
        }
    }

    /// Makes the folders of the agent's caches.
    func make(
        caches names: [String], of folders: SandboxCompiler.Folders
    ) throws(RunRefusal) {
        guard !names.isEmpty else { return }
        let all = folders.caches.split(separator: "/").dropLast().joined(separator: "/")
        do throws(FileFailure) {
            for folder in ["/" + all, folders.caches] + names {
                try File.makeFolder(folder, mode: 0o700)
            }
        } catch { throw RunRefusal(RunExit.setup, "folders", error.message) }
    }
}
