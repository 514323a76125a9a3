import Glibc
import InterlockCommandLine
import InterlockJSON
import InterlockSandbox

/// `interlock run --check`: what this machine offers to a sandbox, one line each.
enum RunCheck {
    /// - Returns: 70 if a sandbox of isolation `full` cannot be made here by either backend.
    static func run(_ invocation: Invocation) throws(Failure) -> Exit {
        let landlock = HostAbilities.landlock
        let own = SandboxTrial.failure(of: .own)
        let bubblewrap =
            HostAbilities.hasBubblewrap
            ? SandboxTrial.failure(of: .bubblewrap) : "not installed"
        let reduced = SandboxTrial.failure(of: .reduced(ports: []))
        let lines: [(name: String, isPresent: Bool, text: String)] = [
            ("kernel", true, HostAbilities.kernel),
            ("landlock", landlock > 0, landlock > 0 ? "ABI \(landlock)" : "none"),
            ("sandbox", own == nil, own ?? "namespaces, mounts, overlay, proc, seccomp"),
            cgroup(),
            (
                "bwrap", bubblewrap == nil,
                bubblewrap ?? "namespaces and mounts, with a copy of the project"
            ),
            (
                "reduced", reduced == nil,
                reduced ?? "Landlock and seccomp alone, only where a policy permits it"
            ),
        ]
        for line in lines {
            invocation.print(
                [
                    "name": .string(line.name), "present": .bool(line.isPresent),
                    "detail": .string(line.text),
                ], "\(line.isPresent ? "yes" : "no ")  \(line.name): \(line.text)")
        }
        return own == nil || bubblewrap == nil ? .ok : .internalError
    }

    private static func cgroup() -> (name: String, isPresent: Bool, text: String) {
        do throws(DelegatedCgroup.Absence) {
            let place = try DelegatedCgroup(KernelCgroupFiles(), process: getpid())
            let kept = place.controllers.map(\.rawValue).sorted().joined(separator: ", ")
            return ("cgroup", !kept.isEmpty, kept.isEmpty ? "delegated, no controller" : kept)
        } catch { return ("cgroup", false, "\(error.reason): no limit of memory and cpu") }
    }
}
