import Glibc
import InterlockCommandLine
import InterlockJSON
import InterlockPorts
import InterlockSandbox

/// `interlock run --check`: what this machine offers to a sandbox, one line each.
package struct RunCheck {
    package struct Line {
        package let name: String
        package let isPresent: Bool
        package let text: String
    }

    package let lines: [Line]
    /// True if a sandbox of isolation `full` can be made here by a backend.
    package let isPossible: Bool

    /// Makes a sandbox of each kind, in which nothing runs.
    package init() {
        let landlock = HostAbilities.landlock
        let own = SandboxTrial.failure(of: .own)
        let bubblewrap =
            HostAbilities.hasBubblewrap
            ? SandboxTrial.failure(of: .bubblewrap) : "not installed"
        let reduced = SandboxTrial.failure(of: .reduced(ports: []))
        isPossible = own == nil || bubblewrap == nil
        let cgroup = Self.cgroup()
        lines = [
            ("kernel", true, HostAbilities.kernel),
            ("landlock", landlock > 0, landlock > 0 ? "ABI \(landlock)" : "none"),
            ("sandbox", own == nil, own ?? "namespaces, mounts, overlay, proc, seccomp"),
            cgroup,
            (
                "bwrap", bubblewrap == nil,
                bubblewrap ?? "namespaces and mounts, with a copy of the project"
            ),
            (
                "reduced", reduced == nil,
                reduced ?? "Landlock and seccomp alone, only where a policy permits it"
            ),
            Self.hooks(),
        ].map { Line(name: $0.0, isPresent: $0.1, text: $0.2) }
    }

    /// - Returns: 70 if no sandbox of isolation `full` can be made here.
    static func run(_ invocation: Invocation) -> Exit {
        let check = RunCheck()
        for line in check.lines {
            invocation.print(
                [
                    "name": .string(line.name), "present": .bool(line.isPresent),
                    "detail": .string(line.text),
                ], "\(line.isPresent ? "yes" : "no ")  \(line.name): \(line.text)")
        }
        return check.isPossible ? .ok : .internalError
    }

    private static func hooks() -> (name: String, isPresent: Bool, text: String) {
        do throws(LaunchFailure) {
            return ("hooks", true, try HostPaths.besideProgram(RunHooks.adapterName))
        } catch {
            return ("hooks", false, "\(error.reason): no run of a policy with the server `host`")
        }
    }

    private static func cgroup() -> (name: String, isPresent: Bool, text: String) {
        do throws(DelegatedCgroup.Absence) {
            let place = try DelegatedCgroup(KernelCgroupFiles(), process: getpid())
            let kept = place.controllers.map(\.rawValue).sorted().joined(separator: ", ")
            return ("cgroup", !kept.isEmpty, kept.isEmpty ? "delegated, no controller" : kept)
        } catch { return ("cgroup", false, "\(error.reason): no limit of memory and cpu") }
    }
}
