import InterlockPolicy
package import InterlockSandbox

/// A sandbox that was compiled for the launcher's own namespaces, in the other forms. What a form cannot keep is refused
/// by its name.
extension AgentSandbox {
    /// - Parameters:
    ///   - folders: those of the run.
    ///   - settings: for what has no place without namespaces.
    package func adapted(
        to form: SandboxForm, _ folders: SandboxCompiler.Folders, _ settings: RunSettings,
        _ tree: HostTree
    ) throws(RunRefusal) -> AgentSandbox {
        switch form {
        case .own: return self
        case .bubblewrap:
            return settings.keepsHome
                ? try forBubblewrap.withoutMountsInHome(folders, settings) : forBubblewrap
        case .reduced, .none:
            try Self.refuseWithoutMounts(settings, of: form)
            return withoutNamespaces(form, folders, tree)
        }
    }

    /// bubblewrap has no overlay: the project is the copy, and other trees are bound read-only.
    private var forBubblewrap: AgentSandbox {
        var sandbox = self
        sandbox.form = .bubblewrap
        sandbox.tree = tree.map { step in
            switch step {
            case .overlay(_, let layer?, let target):
                .bind(
                    source: RunLayer.copy(in: layer), target: target, isWritable: true,
                    isExecutable: true)
            case .covered(_, let layer, let target):
                .bind(
                    source: RunLayer.copy(in: layer), target: target, isWritable: false,
                    isExecutable: true)
            case .overlay(let lower, nil, let target):
                .bind(source: lower, target: target, isWritable: false, isExecutable: true)
            case .bind, .memory, .link, .file, .folder: step
            }
        }
        // A bind, unlike an overlay, lets a socket in it be connected to.
        sandbox.pairsSockets = tree.contains { step in
            if case .overlay(_, nil, _) = step { true } else { false }
        }
        return sandbox
    }

    /// bubblewrap makes no mount in a bind, as a home on the disk is: the hooks of Copilot are not below it then
    /// (docs/decisions/0142).
    private func withoutMountsInHome(
        _ folders: SandboxCompiler.Folders, _ settings: RunSettings
    ) throws(RunRefusal) -> AgentSandbox {
        guard settings.policy.writableCache.isEmpty else {
            throw .unsupported("backend bwrap: `writable_cache` with --resume-deferred")
        }
        let hooks = RunLayer.hooks(of: folders)
        var sandbox = self
        sandbox.tree.removeAll { step in
            switch step {
            case .memory(let target, _, _, _, _): target.hasPrefix(SandboxPath.home + "/")
            case .bind(let source, _, _, _): PathRelation.isWithin(source, hooks)
            case .overlay, .covered, .link, .file, .folder: false
            }
        }
        return sandbox
    }

    private func withoutNamespaces(
        _ form: SandboxForm, _ folders: SandboxCompiler.Folders, _ host: HostTree
    ) -> AgentSandbox {
        var sandbox = self
        sandbox.form = form
        sandbox.hasListeners = false
        sandbox.toleratesMissingLandlock = false
        let showsProject = directory == SandboxCompiler.workspace
        sandbox.directory =
            showsProject ? RunLayer.copy(in: folders.layer) : RunLayer.home(of: folders)
        guard form != .none else {
            sandbox.tree = []
            return sandbox
        }
        var steps: [SandboxTreeStep] = tree.compactMap { step in
            switch step {
            case .bind(let source, let target, let isWritable, let isExecutable):
                source == target ? Self.same(source, isWritable, isExecutable) : nil
            case .overlay(_, let layer?, _): Self.same(RunLayer.copy(in: layer), true)
            case .covered(_, let layer, _): Self.same(RunLayer.copy(in: layer), false)
            case .overlay(let lower, nil, _): Self.same(lower, false)
            // They are the host's own.
            case .memory, .link, .file, .folder: nil
            }
        }
        steps += [RunLayer.home(of: folders), RunLayer.temporary(of: folders)].map {
            Self.same($0, true)
        }
        for path in ["/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf"]
        where host.isPlain(path) { steps.append(Self.same(path, false, false)) }
        sandbox.tree = steps
        return sandbox
    }

    private static func same(
        _ path: String, _ isWritable: Bool, _ isExecutable: Bool = true
    ) -> SandboxTreeStep {
        .bind(source: path, target: path, isWritable: isWritable, isExecutable: isExecutable)
    }

    /// Refuses what has its own path inside, which only a mount gives.
    private static func refuseWithoutMounts(
        _ settings: RunSettings, of form: SandboxForm
    ) throws(RunRefusal) {
        let isolation = settings.isolation.rawValue
        if !settings.policy.writableCache.isEmpty {
            throw .unsupported("isolation \(isolation): sandbox: `writable_cache`")
        }
        if settings.hooks != nil {
            throw .unsupported("isolation \(isolation): the hooks of server `host`")
        }
        if !settings.policy.models.isEmpty {
            throw .unsupported("isolation \(isolation): sandbox: `models`")
        }
        if let secret = settings.secrets.first(where: { $0.form == .file }) {
            throw .unsupported("isolation \(isolation): the secret `\(secret.name)` as a file")
        }
    }
}

/// The folders in the layer of a run without an overlay.
package enum RunLayer {
    /// The copy of the project, in the place of an overlay's upper.
    static func copy(in layer: String) -> String { layer + "/upper" }
    /// The home and the temporary files of a run without mounts; removed at its end.
    static func home(of folders: SandboxCompiler.Folders) -> String { folders.layer + "/home" }
    /// The files of hooks that are mounted below the home, each folder by its path inside as one name.
    static func hooks(of folders: SandboxCompiler.Folders) -> String { folders.layer + "/hooks" }
    static func temporary(of folders: SandboxCompiler.Folders) -> String {
        folders.layer + "/tmp"
    }
}
