import CLinux
import Glibc
import InterlockModel
import InterlockPorts

extension SandboxLauncher {
    /// Starts the child of a server.
    ///
    /// - Parameter descriptor: the open file that the command must be, or -1.
    func start(
        _ argv: [String], _ environment: [(String, String)], in tree: ListedTree,
        program descriptor: Int32 = -1, changes: (@Sendable () async -> String?)? = nil
    ) throws(LaunchFailure) -> LaunchedChild {
        let listed = tree.access.listed
        let id = Self.newID()
        let hasProxy = listed.hasProxy && tree.network == .own
        let sandbox = try tree.sandbox(id: id, argv, environment)
        let variables = AgentEnvironment(
            variables: ServerEnvironment.variables(
                environment, hasProxy: hasProxy, namesSOCKS: listed.namesSOCKS),
            secretFiles: listed.secretFiles.sorted { $0.key < $1.key }
                .map { (name: $0.key, content: $0.value) })
        var streams = try StandardStreams()
        let agent = try AgentLauncher(path: tree.configuration.launcher).launch(
            sandbox, variables,
            AgentLauncher.Streams(
                input: streams.input.readEnd, output: streams.output.writeEnd,
                error: streams.error.writeEnd),
            program: descriptor >= 0 ? descriptor : nil)
        // The caller closes its own once it has reaped the child; this object keeps another.
        let pidfd = fcntl(agent.pidfd, F_DUPFD_CLOEXEC, 3)
        guard pidfd >= 0 else {
            agent.kill()
            throw LaunchFailure(reason: "no descriptor is left: \(describe(errno: errno))")
        }
        streams.closeChildEnds()
        return LaunchedChild(
            pid: agent.pid, pidfd: pidfd, stdin: streams.input.takeWriteEnd(),
            stdout: streams.output.takeReadEnd(), stderr: streams.error.takeReadEnd(),
            sandbox: ServerSandbox(id, agent, hasProxy: hasProxy), changes: changes)
    }

    static func newID() -> RunID {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        var random = SystemRandomNumberGenerator()
        return RunID(
            milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000,
            random: (0..<10).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }
}
