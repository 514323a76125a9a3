import Glibc
import InterlockCommandLine
import InterlockPorts
package import InterlockSandbox

/// A sandbox as a trial: every step of a form is performed on temporary folders, and nothing is executed.
package enum SandboxTrial {
    /// - Returns: the reason why the form does not work here, or nil if it does.
    package static func failure(of form: SandboxForm) -> String? {
        let template = "/tmp/interlock-check-" + String(repeating: "X", count: 6)
        var name = Array(template.utf8CString)
        guard let made = unsafe mkdtemp(&name), let folder = unsafe String(validatingCString: made)
        else { return "there is no temporary folder" }
        let folders = ["/lower", "/layer", "/layer/upper", "/layer/work"]
        defer {
            // The kernel makes a folder `work` in that of the layer.
            for one in ["/layer/work/work"] + folders.reversed() + [""] {
                _ = unsafe rmdir(folder + one)
            }
        }
        do throws(FileFailure) {
            for one in folders { try File.makeFolder(folder + one, mode: 0o700) }
        } catch { return error.message }
        do throws(LaunchFailure) { return try check(form, folder) } catch { return error.reason }
    }

    private static func check(
        _ form: SandboxForm, _ folder: String
    ) throws(LaunchFailure) -> String? {
        let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return "`/dev/null` cannot be opened" }
        defer { close(null) }
        let agent = try AgentLauncher(path: try HostPaths.launcherBesideProgram()).launch(
            sandbox(form, folder),
            AgentEnvironment(variables: [("PATH", RunEnvironment.path)]),
            AgentLauncher.Streams(input: null, output: null, error: null), isCheck: true)
        _ = try agent.reap()
        var reader = LaunchStatusReader()
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = unsafe read(agent.status, &bytes, bytes.count)
        switch reader.read(bytes[..<max(0, count)]).last {
        case .checked: return nil
        case .refused(let reason, let step, let errno):
            return "\(reason) at \(step), errno \(errno)"
        case .failed(let step, let errno): return "\(step) failed, errno \(errno)"
        case .started, .peak, .notExecuted, .exited, .signalled, .wall, .lifeline, nil:
            return "the launcher gave no result"
        }
    }

    private static func sandbox(_ form: SandboxForm, _ folder: String) -> AgentSandbox {
        let usr = readOnly("/usr")
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
                ] + links
        case .reduced: tree = [usr]
        case .none: tree = []
        }
        return AgentSandbox(
            run: "check", wall: nil, limits: [], tree: tree,
            directory: form.hasNamespaces ? SandboxCompiler.workspace : "/", command: ["true"],
            form: form)
    }

    private static func readOnly(_ path: String) -> SandboxTreeStep {
        .bind(source: path, target: path, isWritable: false, isExecutable: true)
    }

    private static var links: [SandboxTreeStep] {
        var steps: [SandboxTreeStep] = []
        for path in ["/lib", "/lib64"] {
            switch HostTree.real.kind(path) {
            case .link(let text): steps.append(.link(target: path, to: text))
            case .folder: steps.append(readOnly(path))
            case .file, .other, nil: break
            }
        }
        return steps
    }
}
