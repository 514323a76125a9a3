import InterlockModel
import InterlockPorts

/// Compiles the launch of a stdio server, whose file tree has nothing but what is listed. It reads the host's tree and
/// changes nothing.
struct ListedTree {
    let access: SandboxConfiguration.Access
    let configuration: SandboxConfiguration
    let network: ServerNetwork

    /// - Throws: an error for a path that is not there, leads through a link, is the gateway's own or a home.
    func sandbox(
        id: RunID, _ argv: [String], _ environment: [(String, String)]
    ) throws(LaunchFailure) -> AgentSandbox {
        let listed = access.listed
        let directory = access.directory
        let program = ProgramFolders(
            argv, environment, in: directory, homes: configuration.covered)
        var steps = SystemTree.steps(isOnline: network == .host)
        steps += SystemTree.temporary(listed.temporaryBytes)
        steps += listed.caches.map { cache in
            .bind(
                source: cache.outside, target: cache.inside, isWritable: true, isExecutable: true)
        }
        let paths = try self.paths(program)
        steps += paths
        steps += try covers(in: paths)
        var sandbox = AgentSandbox(
            run: id.text, toleratesMissingLandlock: listed.toleratesMissingLandlock,
            hasListeners: listed.hasProxy && network == .own, wall: listed.wall,
            limits: listed.limits, tree: SystemTree.ordered(steps), directory: directory,
            command: argv, allowsDebug: listed.allowsDebug, server: network)
        sandbox.isOfRoot = configuration.isOfRoot
        return sandbox
    }

    /// The writable folders, then the paths of the policy and of the program. A path that is shown already is left out.
    private func paths(_ program: ProgramFolders) throws(LaunchFailure) -> [SandboxTreeStep] {
        var targets: [String: (source: String, isWritable: Bool)] = [:]
        for path in access.writable { targets[try plain(path)] = (try plain(path), true) }
        for path in access.readable {
            let path = try plain(path)
            if targets[path] == nil { targets[path] = (path, false) }
        }
        for shown in program.shown where targets[shown.target] == nil {
            targets[shown.target] = (shown.source, false)
        }
        let sorted = targets.sorted { $0.key.utf8.count < $1.key.utf8.count }
        var found: [SandboxTreeStep] = []
        for (target, (source, isWritable)) in sorted {
            try checkKept(source)
            let above = found.filter { PathRelation.isWithin(target, $0.target) }
            // A path in a read-only folder that is shown is read-only there too.
            let isThere = target == source && !isWritable && !above.isEmpty
            guard !isThere, !PathRelation.isWithin(target, "/usr") || isWritable else { continue }
            found.append(
                .bind(
                    source: source, target: target, isWritable: isWritable, isExecutable: true))
        }
        return found
    }

    /// A path of the policy, which must lead through no link: otherwise the entry would not say what is shown.
    private func plain(_ path: String) throws(LaunchFailure) -> String {
        guard path.hasPrefix("/") else {
            throw LaunchFailure(reason: "`\(path)` is not an absolute path")
        }
        let normal = HostFiles.normal(path)
        let real = try canonicalPath(normal)
        guard real.utf8.elementsEqual(normal.utf8) else {
            throw LaunchFailure(reason: "`\(normal)` leads through a link: name `\(real)`")
        }
        let homes = try configuration.covered.map(canonicalPath)
        guard !homes.contains(where: { $0.utf8.elementsEqual(normal.utf8) }) else {
            throw LaunchFailure(
                reason: "no server is shown the whole of `\(normal)`: name what it reads there")
        }
        switch HostTree.real.kind(normal) {
        case .file, .folder: return normal
        default:
            throw LaunchFailure(reason: "`\(normal)` is neither a file nor a folder")
        }
    }

    /// Refuses a source inside what is the gateway's own.
    private func checkKept(_ source: String) throws(LaunchFailure) {
        for path in configuration.kept {
            guard !PathRelation.isWithin(source, try canonicalPath(path)) else {
                throw LaunchFailure(
                    reason: "`\(source)` lies in `\(path)`, which is the gateway's own: "
                        + "no server may read it")
            }
        }
    }

    /// Empties what is covered or the gateway's own and lies in a folder that is shown, at each path where it is shown:
    /// a folder of a program that is reached through a link has two.
    private func covers(in paths: [SandboxTreeStep]) throws(LaunchFailure) -> [SandboxTreeStep] {
        var steps: [SandboxTreeStep] = []
        for path in configuration.kept + configuration.covered {
            let real = try canonicalPath(path)
            for step in paths {
                guard case .bind(let source, let target, _, _) = step, source != real,
                    PathRelation.isWithin(real, source)
                else { continue }
                let rest = real.utf8.dropFirst(source.utf8.count)
                let shown = target + String(decoding: rest, as: UTF8.self)
                guard !paths.contains(where: { $0.target == shown }),
                    !steps.contains(where: { PathRelation.isWithin(shown, $0.target) })
                else { continue }
                steps.append(try cover(real, at: shown))
            }
        }
        return steps
    }

    /// - Parameter target: the path inside of the file or folder.
    private func cover(
        _ path: String, at target: String
    ) throws(LaunchFailure) -> SandboxTreeStep {
        if HostTree.real.kind(path) == .folder {
            return .memory(
                target: target, mode: 0o755, bytes: 4096, entries: 16, isExecutable: false)
        }
        guard HostTree.real.kind(path) == .file, let empty = configuration.emptyFile else {
            throw LaunchFailure(
                reason: "a folder of the sandbox would show `\(path)`: name a narrower one")
        }
        return .bind(
            source: try canonicalPath(empty), target: target, isWritable: false,
            isExecutable: false)
    }
}
