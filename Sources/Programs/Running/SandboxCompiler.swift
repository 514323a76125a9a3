import InterlockEgress
import InterlockModel
import InterlockPolicy
package import InterlockSandbox

/// Compiles what a policy and a command line say about a run into the steps of its sandbox (docs/specs/sandbox.md,
/// sections 3 and 4). It reads the host's tree and changes nothing.
package struct SandboxCompiler: Sendable {
    /// The folders outside that belong to one run.
    package struct Folders: Sendable, Hashable {
        /// The project, which is only read.
        package let workspace: String
        /// The folder with `upper` and `work`: what is hidden and replaced, and the changes.
        package let layer: String
        /// The folder with the caches of the agent.
        package let caches: String

        package init(workspace: String, layer: String, caches: String) {
            self.workspace = workspace
            self.layer = layer
            self.caches = caches
        }
    }

    package static let workspace = "/workspace"

    /// Names the gateway to `interlock-hook`: the proxy, which knows the run by its connections.
    package static let hooks = SandboxTreeStep.file(
        target: "/etc/interlock/hook.json", mode: 0o444,
        content: Array("{\"route\":\"http://\(OwnRoute.authority)\(OwnRoute.hookPath)\"}\n".utf8))

    private let run: RunSettings
    private var settings: SandboxSettings { run.policy }
    let tree: HostTree
    /// The paths of the deployment of which no run sees a part, such as `state/`.
    let kept: [String]
    /// A variable of the supervisor's environment.
    let caller: @Sendable (String) -> String?

    package init(
        _ settings: RunSettings, tree: HostTree = .real, kept: [String],
        caller: @escaping @Sendable (String) -> String?
    ) {
        run = settings
        self.tree = tree
        self.kept = kept
        self.caller = caller
    }

    /// - Parameter hasListeners: whether something accepts the connections of the run.
    /// - Throws: a refusal for what is not available, not there, or not to be shown.
    package func compile(
        id: String, command: [String], _ folders: Folders, hasListeners: Bool
    ) throws(RunRefusal) -> AgentSandbox {
        try checkAvailable()
        guard let word = command.first, !word.isEmpty else {
            throw RunRefusal(RunExit.usage, "usage", "the command is empty")
        }
        let program = try ProgramSteps(
            of: word, path: settings.environment["PATH"] ?? RunEnvironment.path, tree, caller)
        var steps = SystemTree.steps(of: tree) + temporary(folders)
        steps += try caches(folders) + workspace(folders)
        if hasListeners { steps.append(Self.hooks) }
        steps += run.hooks?.steps ?? []
        try run.hooks?.checkCaches(settings.writableCache)
        let home = run.hooks?.homeSteps(folders, bytes: settings.limits.tmp) ?? []
        steps += try reads(program.reads, besides: steps + home)
        for step in steps { try checkKept(step) }
        // Their source is in `state/`: it was written for this run.
        steps += home
        var sandbox = AgentSandbox(
            run: id, toleratesMissingLandlock: settings.toleratesMissingLandlock,
            hasListeners: hasListeners, wall: run.wall,
            limits: settings.limits.ofEachProcess(
                besides: run.keptByCgroup),
            tree: SystemTree.ordered(steps),
            directory: settings.workspace.mode == .none ? SandboxPath.home : Self.workspace,
            command: [program.word] + command.dropFirst(), hasTerminal: run.terminal != .none,
            allowsDebug: settings.allowsDebug)
        sandbox.cgroup = run.cgroup
        return sandbox
    }

    /// The names of the caches' folders, which must exist before the launch.
    package func cacheFolders(_ folders: Folders) -> [String] {
        settings.writableCache.map { cacheFolder($0, folders) }
    }

    /// Refuses by name what this version does not keep.
    private func checkAvailable() throws(RunRefusal) {
        guard settings.network == .own else { throw .unsupported("sandbox: `network: host`") }
    }

    /// The home, `/tmp` and `/dev/shm`.
    private func temporary(_ folders: Folders) -> [SandboxTreeStep] {
        let steps = SystemTree.temporary(settings.limits.tmp)
        guard run.keepsHome else { return steps }
        return steps.map { step in
            guard step.target == SandboxPath.home else { return step }
            return .bind(
                source: RunLayer.home(of: folders), target: step.target, isWritable: true,
                isExecutable: true)
        }
    }

    private func caches(_ folders: Folders) throws(RunRefusal) -> [SandboxTreeStep] {
        settings.writableCache.map { target in
            .bind(
                source: cacheFolder(target, folders), target: target, isWritable: true,
                isExecutable: true)
        }
    }

    private func cacheFolder(_ target: String, _ folders: Folders) -> String {
        "\(folders.caches)/\(SystemTree.cacheName(target))"
    }

    private func workspace(_ folders: Folders) throws(RunRefusal) -> [SandboxTreeStep] {
        guard settings.workspace.mode != .none else { return [] }
        guard try plainKind(folders.workspace, of: "workspace") == .folder else {
            throw RunRefusal(
                RunExit.refused, "workspace", "`\(folders.workspace)` is not a folder")
        }
        guard folders.workspace != "/" else {
            throw RunRefusal(RunExit.refused, "workspace", "the workspace cannot be `/`")
        }
        let (lower, layer) = (folders.workspace, folders.layer)
        return settings.workspace.mode == .ro
            ? [.covered(lower: lower, layer: layer, target: Self.workspace)]
            : [.overlay(lower: lower, layer: layer, target: Self.workspace)]
    }

    /// The further paths that are readable: those of the policy and those that the program needs.
    private func reads(
        _ program: [String], besides steps: [SandboxTreeStep]
    ) throws(RunRefusal) -> [SandboxTreeStep] {
        var found: [SandboxTreeStep] = []
        let paths = settings.read.map { ("read", $0) } + program.map { ("the command", $0) }
        for (part, path) in paths.sorted(by: { $0.1.utf8.count < $1.1.utf8.count }) {
            let kind = try plainKind(path, of: part)
            // A path in a folder that is shown as a whole is there already.
            let isShown = (found + [SystemTree.readOnly("/usr")]).contains {
                PathRelation.isWithin(path, $0.target)
            }
            guard !isShown else { continue }
            if let made = steps.first(where: { PathRelation.isWithin($0.target, path) }) {
                throw RunRefusal(
                    RunExit.refused, "read",
                    "\(part): `\(path)` has `\(made.target)` in it, which the sandbox makes itself")
            }
            guard !PathRelation.isWithin(path, Self.workspace) else {
                throw RunRefusal(
                    RunExit.refused, "read", "\(part): `\(path)` has the name of the workspace")
            }
            switch kind {
            case .folder: found.append(.overlay(lower: path, layer: nil, target: path))
            case .file: found.append(SystemTree.readOnly(path))
            case .other, .link:
                throw RunRefusal(
                    RunExit.refused, "read", "\(part): `\(path)` is neither a file nor a folder")
            }
        }
        return found
    }

    /// Returns the kind of a path of which no component is a link.
    private func plainKind(_ path: String, of part: String) throws(RunRefusal) -> HostTree.Kind {
        do throws(HostTree.PathFault) { return try tree.plainKind(path) } catch {
            switch error {
            case .missing(let here):
                throw RunRefusal(RunExit.refused, "not-found", "\(part): there is no `\(here)`")
            case .link(let here, let text):
                throw RunRefusal(
                    RunExit.refused, "link", "\(part): `\(here)` is a link to `\(text)`",
                    help: "name the path that it leads to")
            }
        }
    }

    /// Refuses a source that has a part of the deployment in it, or lies in one.
    private func checkKept(_ step: SandboxTreeStep) throws(RunRefusal) {
        let source: String
        switch step {
        case .bind(let path, _, let isWritable, _):
            // The caches of agents lie in `state/`, as the gateway's own folders for them.
            guard !isWritable else { return }
            source = path
        case .overlay(let lower, _, _), .covered(let lower, _, _): source = lower
        case .memory, .link, .file, .folder: return
        }
        for path in kept where PathRelation.overlap(source, path) {
            throw RunRefusal(
                RunExit.refused, "own-state",
                "`\(source)` would show `\(path)`, which is the gateway's own",
                help: "choose another folder with --workspace, or keep the deployment elsewhere")
        }
    }
}

extension SandboxLimits {
    /// The limits that the kernel keeps for each process. A stated `memory` is one unless a cgroup keeps it for all together.
    ///
    /// - Parameter kept: the names of the limits that a cgroup keeps.
    func ofEachProcess(besides kept: Set<String> = []) -> [SandboxLimit] {
        let limits: [SandboxLimit] = [
            .processes(pids), .openFiles(openFiles), .fileSize(fileSize),
        ]
        return limits + (statesMemory && !kept.contains("memory") ? [.memory(memory)] : [])
    }
}
