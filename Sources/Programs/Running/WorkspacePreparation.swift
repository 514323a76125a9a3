import InterlockCommandLine
package import InterlockPolicy

/// Makes a project ready to be shown to a command: what must not be seen is not seen, and changes go to a layer
/// (docs/specs/sandbox.md, section 6).
package protocol WorkspacePreparation: Sendable {
    /// Prepares the layer of a run. It reads the project and writes to the layer alone, which has `upper` and `work`.
    ///
    /// - Throws: a refusal; nothing runs then.
    func prepare(
        _ project: String, layer: String, _ settings: SandboxWorkspace
    ) throws(RunRefusal)
}

/// Refuses a project that has something to hide, because nothing in it is hidden: hidden names, git's own folder, whose
/// configuration may hold credentials, and what is neither file, folder nor link.
package struct UnpreparedWorkspace: WorkspacePreparation {
    /// The most entries of a project.
    private static let mostEntries = 200_000

    package init() {}

    package func prepare(
        _ project: String, layer: String, _ settings: SandboxWorkspace
    ) throws(RunRefusal) {
        guard settings.mode != .none else { return }
        var folders = [project]
        var count = 0
        while let folder = folders.popLast() {
            let names: [String]
            do throws(FileFailure) { names = try File.names(in: folder) } catch {
                throw RunRefusal(RunExit.setup, "workspace", error.message)
            }
            count += names.count
            guard count <= Self.mostEntries else {
                throw RunRefusal(
                    RunExit.setup, "workspace",
                    "the workspace has more than \(Self.mostEntries) entries")
            }
            for name in names {
                let path = folder + "/" + name
                if name.utf8.elementsEqual(".git".utf8)
                    || NamePattern.matchesAny(settings.hidden, name)
                {
                    throw refused(path, "is to be hidden or cleaned")
                }
                let kind = HostTree.real.kind(path) ?? .other
                switch kind {
                case .folder: folders.append(path)
                case .file, .link: break
                case .other: throw refused(path, "is no file, folder or link")
                }
            }
        }
    }

    private func refused(_ path: String, _ why: String) -> RunRefusal {
        RunRefusal(
            RunExit.noIsolation, "unsupported",
            "workspace: `\(TerminalEscaping.shown(path))` \(why), which this version cannot do",
            help: "use another workspace, or `workspace: {mode: none}`")
    }
}
