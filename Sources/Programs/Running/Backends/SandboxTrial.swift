import InterlockCommandLine
import InterlockPorts
package import InterlockSandbox

/// A sandbox as a trial: every step of a form is performed on temporary folders, and nothing is executed.
package enum SandboxTrial {
    /// - Returns: the reason why the form does not work here, or nil if it does.
    package static func failure(of form: SandboxForm) -> String? {
        guard let folder = try? Scratch.make(in: "/tmp") else {
            return "there is no temporary folder"
        }
        defer { Scratch.remove(folder) }
        do throws(FileFailure) {
            for one in ["/lower", "/layer", "/layer/upper", "/layer/work"] {
                try File.makeFolder(folder + one, mode: 0o700)
            }
        } catch { return error.message }
        do throws(LaunchFailure) {
            return try AgentLauncher(path: try HostPaths.launcherBesideProgram())
                .failure(of: sandbox(form, folder))
        } catch { return error.reason }
    }

    private static func sandbox(_ form: SandboxForm, _ folder: String) -> AgentSandbox {
        let usr = SystemTree.readOnly("/usr")
        let memory = SandboxTreeStep.memory(
            target: "/tmp", mode: 0o1777, bytes: 1 << 20, entries: 64, isExecutable: true)
        let tree: [SandboxTreeStep]
        switch form {
        case .own:
            tree = [
                usr, memory,
                .overlay(
                    lower: folder + "/lower", layer: folder + "/layer",
                    target: SandboxCompiler.workspace),
            ]
        case .bubblewrap:
            tree =
                [
                    usr, memory,
                    .bind(
                        source: folder + "/lower", target: SandboxCompiler.workspace,
                        isWritable: true, isExecutable: true),
                    // The loader of the launcher inside is found by the host's links.
                ] + SystemTree.links(to: ["/lib", "/lib64"])
        case .reduced: tree = [usr]
        case .none: tree = []
        }
        return AgentSandbox(
            run: "check", wall: nil, limits: [], tree: tree,
            directory: form.hasNamespaces ? SandboxCompiler.workspace : "/", command: ["true"],
            form: form)
    }
}
