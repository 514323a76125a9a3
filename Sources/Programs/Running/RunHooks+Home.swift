import InterlockCommandLine
import InterlockHostSettings
import InterlockPolicy
import InterlockSandbox

/// The hooks that a host reads below the home, where the agent can write. Their folder is a mount of its own, read-only,
/// in a mount: a folder above a mount can be renamed inside, and a mount cannot (docs/decisions/0142).
extension RunHooks {
    static func isInHome(_ file: HostSettingsFile) -> Bool {
        PathRelation.isWithin(file.path, SandboxPath.home)
    }

    /// The files outside that are shown below the home, by the folder inside.
    private func sources(
        _ folders: SandboxCompiler.Folders
    ) -> [(folder: String, source: String, file: HostSettingsFile)] {
        files.filter(Self.isInHome).map { file in
            let folder = Self.folder(of: file.path)
            return (folder, "\(RunLayer.hooks(of: folders))/\(SystemTree.cacheName(folder))", file)
        }
    }

    /// - Parameter bytes: the size of what the host itself keeps next to its hooks.
    func homeSteps(_ folders: SandboxCompiler.Folders, bytes: Int64) -> [SandboxTreeStep] {
        sources(folders).flatMap { shown -> [SandboxTreeStep] in
            [
                SystemTree.memory(Self.folder(of: shown.folder), 0o700, bytes),
                .bind(
                    source: shown.source, target: shown.folder, isWritable: false,
                    isExecutable: false),
            ]
        }
    }

    /// Refuses a cache in the place of such a folder: what an agent left there would be a hook of the next run.
    func checkCaches(_ caches: [String]) throws(RunRefusal) {
        for file in files.filter(Self.isInHome) {
            let folder = Self.folder(of: file.path)
            guard
                let cache = caches.first(where: {
                    PathRelation.isWithin($0, folder)
                        || PathRelation.isWithin(Self.folder(of: folder), $0)
                })
            else { continue }
            throw RunRefusal(
                RunExit.refused, "writable-cache",
                "`writable_cache`: `\(cache)` overlaps the folder of the run's hooks",
                help: "name a folder next to `\(folder)`")
        }
    }

    /// Writes the files outside, in the layer of the run.
    func write(_ folders: SandboxCompiler.Folders) throws(FileFailure) {
        for folder in [folders.layer, RunLayer.hooks(of: folders)] {
            try File.makeFolder(folder, mode: 0o700)
        }
        for shown in sources(folders) {
            try File.makeFolder(shown.source, mode: 0o755)
            let name = shown.file.path.dropFirst(shown.folder.utf8.count + 1)
            try File.write(
                shown.file.content, to: "\(shown.source)/\(name)", mode: 0o444, isExact: true)
        }
    }

    private static func folder(of path: String) -> String {
        path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    }
}
