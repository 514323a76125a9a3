import Glibc
import InterlockCommandLine
import InterlockJSON
import InterlockPorts
import InterlockSandbox

/// `interlock run --check`: what this machine offers to a sandbox, one line each.
enum RunCheck {
    /// - Returns: 70 if a sandbox of isolation `full` cannot be made here.
    static func run(_ invocation: Invocation) throws(Failure) -> Exit {
        let landlock = HostAbilities.landlock
        let result = try sandbox()
        let lines: [(name: String, isPresent: Bool, text: String)] = [
            ("kernel", true, HostAbilities.kernel),
            ("landlock", landlock > 0, landlock > 0 ? "ABI \(landlock)" : "none"),
            ("sandbox", result == nil, result ?? "namespaces, mounts, overlay, proc, seccomp"),
            cgroup(),
            (
                "bwrap", HostAbilities.hasBubblewrap,
                HostAbilities.hasBubblewrap
                    ? "installed; not used in this version" : "not installed"
            ),
        ]
        for line in lines {
            invocation.print(
                [
                    "name": .string(line.name), "present": .bool(line.isPresent),
                    "detail": .string(line.text),
                ], "\(line.isPresent ? "yes" : "no ")  \(line.name): \(line.text)")
        }
        return result == nil ? .ok : .internalError
    }

    private static func cgroup() -> (name: String, isPresent: Bool, text: String) {
        do throws(DelegatedCgroup.Absence) {
            let place = try DelegatedCgroup(KernelCgroupFiles(), process: getpid())
            let kept = place.controllers.map(\.rawValue).sorted().joined(separator: ", ")
            return ("cgroup", !kept.isEmpty, kept.isEmpty ? "delegated, no controller" : kept)
        } catch { return ("cgroup", false, "\(error.reason): no limit of memory and cpu") }
    }

    /// Performs every step of a sandbox on temporary folders and executes nothing.
    ///
    /// - Returns: the reason why it cannot be made, or nil.
    private static func sandbox() throws(Failure) -> String? {
        let template = "/tmp/interlock-check-" + String(repeating: "X", count: 6)
        var name = Array(template.utf8CString)
        guard let made = unsafe mkdtemp(&name), let folder = unsafe String(validatingCString: made)
        else { throw Failure(.cannotCreate, "there is no temporary folder") }
        let folders = ["/lower", "/layer", "/layer/upper", "/layer/work"]
        defer {
            // The kernel makes a folder `work` in that of the layer.
            for one in ["/layer/work/work"] + folders.reversed() + [""] {
                _ = unsafe rmdir(folder + one)
            }
        }
        do throws(FileFailure) {
            for one in folders { try File.makeFolder(folder + one, mode: 0o700) }
        } catch { throw Failure(.cannotCreate, error.message) }
        do throws(LaunchFailure) { return try check(folder) } catch { return error.reason }
    }

    private static func check(_ folder: String) throws(LaunchFailure) -> String? {
        let sandbox = AgentSandbox(
            run: "check", wall: nil, limits: [],
            tree: [
                .bind(source: "/usr", target: "/usr", isWritable: false, isExecutable: true),
                .memory(
                    target: "/tmp", mode: 0o1777, bytes: 1 << 20, entries: 64, isExecutable: true),
                .overlay(
                    lower: folder + "/lower", layer: folder + "/layer",
                    target: SandboxCompiler.workspace),
            ], directory: SandboxCompiler.workspace, command: ["true"])
        let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return "`/dev/null` cannot be opened" }
        defer { close(null) }
        let agent = try AgentLauncher(path: try HostPaths.launcherBesideProgram()).launch(
            sandbox, AgentEnvironment(variables: [("PATH", RunEnvironment.path)]),
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
}
