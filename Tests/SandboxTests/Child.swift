import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts

@testable import InterlockSandbox

/// A started child with its streams; it is ended and reaped no later than this value.
final class Child {
    let launched: LaunchedChild
    private var reaped = false
    private(set) var standardOutput = ""
    private(set) var standardError = ""

    /// The launcher, retained because the child ends with it.
    private let launcher: CommandLauncher?

    init(_ launcher: SandboxLauncher, _ command: ChildCommand) throws {
        launched = try launcher.launch(command)
        self.launcher = nil
    }

    init(
        _ launcher: CommandLauncher, _ argv: [String], _ environment: [(String, String)] = []
    ) throws {
        launched = try launcher.launch(argv, environment)
        self.launcher = launcher
    }

    /// A child whose launcher the caller retains.
    init(_ launched: LaunchedChild) {
        self.launched = launched
        launcher = nil
    }

    deinit {
        if !reaped {
            kill(-launched.pid, SIGKILL)
            _ = try? ChildExit.wait(pidfd: launched.pidfd)
        }
        for fd in [launched.pidfd, launched.stdin, launched.stdout, launched.stderr] { close(fd) }
    }

    /// Reads both streams to their ends, or until `stop` is true of the output; at most 30 s.
    func read(until stop: (String) -> Bool = { _ in false }) {
        var open = [launched.stdout, launched.stderr]
        let deadline = time(nil) + 30
        while !open.isEmpty, time(nil) < deadline, !stop(standardOutput) {
            var watched = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = unsafe poll(&watched, nfds_t(watched.count), 1000)
            for entry in watched where entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = unsafe Glibc.read(entry.fd, &buffer, buffer.count)
                if count <= 0 {
                    open.removeAll { $0 == entry.fd }
                    continue
                }
                let text = String(decoding: buffer.prefix(count), as: UTF8.self)
                if entry.fd == launched.stdout {
                    standardOutput += text
                } else {
                    standardError += text
                }
            }
        }
    }

    /// Waits for the end, which it forces after 30 s, and returns the exit status.
    func wait() throws -> Int32 {
        if !ends(within: 30_000) { kill(-launched.pid, SIGKILL) }
        reaped = true
        return try ChildExit.wait(pidfd: launched.pidfd)
    }

    /// Returns true if the child ends within `milliseconds`.
    func ends(within milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: launched.pidfd, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, milliseconds) == 1
    }
}
