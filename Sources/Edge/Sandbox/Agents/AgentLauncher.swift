import CLinux
import CSeccomp
import CSpawn
import Glibc
package import InterlockPorts
import Synchronization

/// Starts the command of a run through `interlock-launch --spec`, with an empty environment and no other descriptor
/// than those that the launcher expects.
package struct AgentLauncher: Sendable {
    private let path: String

    /// - Parameter path: of `interlock-launch`.
    package init(path: String) { self.path = path }

    /// The streams that the command gets; the caller keeps and closes them.
    package struct Streams: Sendable {
        package let input: Int32
        package let output: Int32
        package let error: Int32

        package init(input: Int32, output: Int32, error: Int32) {
            (self.input, self.output, self.error) = (input, output, error)
        }
    }

    /// Returns as soon as the launcher runs; it reports on its status stream what became of the command.
    ///
    /// - Parameters:
    ///   - cgroup: a descriptor of the folder of the cgroup of `sandbox`, which the caller keeps.
    ///   - checked: an open file, which the command must lead to, or nil for any.
    ///   - isCheck: performs every step and executes nothing.
    package func launch(
        _ sandbox: AgentSandbox, _ environment: AgentEnvironment, _ streams: Streams,
        cgroup: Int32? = nil, program checked: Int32? = nil, isCheck: Bool = false
    ) throws(LaunchFailure) -> LaunchedAgent {
        precondition((cgroup == nil) == (sandbox.cgroup == nil), "the launcher expects both")
        let specification = try SealedMemory(
            "interlock-spec", try sandbox.specification(checksProgram: checked != nil))
        let variables = try SealedMemory("interlock-environment", try environment.records())
        let program = try FilterPrograms.shared.program(of: sandbox)
        defer { withExtendedLifetime([specification, variables, program]) {} }
        var lifeline = try Pipe()
        var status = try Pipe()
        var pair: [Int32] = [-1, -1]
        // SOCK_SEQPACKET keeps each message apart.
        let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw LaunchFailure(reason: "no pair of sockets: \(describe(errno: errno))")
        }
        let argv = try CStringArray([path, "--spec"] + (isCheck ? ["--check"] : []))
        let envp = try CStringArray([])
        let sources =
            [
                streams.input, streams.output, streams.error, specification.descriptor,
                variables.descriptor, program.descriptor, pair[1], lifeline.readEnd,
                status.writeEnd,
            ] + [cgroup, checked].compactMap { $0 }
        var child = interlock_child(pid: -1, pidfd: -1)
        let error = unsafe interlock_spawn_with(
            path, argv.pointers, envp.pointers, sources, Int32(sources.count), &child)
        close(pair[1])
        guard error == 0 else {
            close(pair[0])
            throw LaunchFailure(reason: "cannot start `\(path)`: \(describe(errno: error))")
        }
        return LaunchedAgent(
            pid: child.pid, pidfd: child.pidfd, handover: pair[0],
            lifeline: lifeline.takeWriteEnd(), status: status.takeReadEnd(),
            hasNamespaces: sandbox.form.hasNamespaces)
    }
}

extension AgentLauncher {
    /// Performs every step of a sandbox and executes nothing; blocks until it is gone.
    ///
    /// - Returns: the reason why the sandbox cannot be made here, or nil if it can.
    package func failure(of sandbox: AgentSandbox) throws(LaunchFailure) -> String? {
        let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return "`/dev/null` cannot be opened" }
        defer { close(null) }
        let agent = try launch(
            sandbox, AgentEnvironment(variables: [("PATH", "/usr/bin:/bin")]),
            Streams(input: null, output: null, error: null), isCheck: true)
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

/// A memfd that no process can change; closed with this object.
final class SealedMemory: Sendable {
    let descriptor: Int32

    init(_ name: String, _ bytes: [UInt8]) throws(LaunchFailure) {
        descriptor = unsafe bytes.withUnsafeBytes {
            unsafe interlock_sealed_memory(name, $0.baseAddress, $0.count)
        }
        guard descriptor >= 0 else {
            throw LaunchFailure(reason: "no memory to share: \(describe(errno: -descriptor))")
        }
    }

    /// The seccomp program of a variant.
    init(filter variant: UInt32) throws(LaunchFailure) {
        descriptor = interlock_seccomp_program(variant)
        guard descriptor >= 0 else {
            throw LaunchFailure(
                reason: "no filter of system calls: \(describe(errno: -descriptor))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// The seccomp programs, each built once.
private final class FilterPrograms: Sendable {
    static let shared = FilterPrograms()
    private let programs = Mutex<[UInt32: SealedMemory]>([:])

    func program(of sandbox: AgentSandbox) throws(LaunchFailure) -> SealedMemory {
        let variant = sandbox.filter
        if let known = programs.withLock({ $0[variant] }) { return known }
        let made = try SealedMemory(filter: variant)
        programs.withLock { $0[variant] = made }
        return made
    }
}
