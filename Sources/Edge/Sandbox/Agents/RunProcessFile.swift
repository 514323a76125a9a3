import Glibc
package import InterlockPorts
import Synchronization

/// The file `processes` in the folder of a run: the processes with whose end everything of the run has ended. Its
/// supervisor writes it; the gateway asks the kernel about them, when the supervisor does not answer a halt.
///
/// INVARIANT: while a launcher of the run may live that the file does not name, there is no file. So a run whose file
/// names no living process has none. Kept by `RunProcessFileTests`, `test_run_sandbox.py`.
package struct RunProcessFile: Sendable {
    private let path: String

    /// - Parameter folder: the folder of the run.
    package init(folder: String) { path = folder + "/processes" }

    /// Names this process alone; called before the first launch. A file that cannot be written is left out.
    package func begin() { write([]) }

    /// Removes the file; called before each launch.
    ///
    /// - Throws: if it may still be there; then nothing must be launched.
    package func clear() throws(LaunchFailure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw LaunchFailure(reason: "cannot remove `\(path)`: \(describe(errno: errno))")
        }
    }

    /// Names this process, the launcher and pid 1, once pid 1 was handed over. Names nothing of a run without namespaces,
    /// whose processes may outlive both.
    package func note(_ agent: LaunchedAgent) {
        guard let processes = agent.identities else { return }
        write(processes)
    }

    /// True if the kernel has ended every process that the file names; false if one lives, or if that cannot be found
    /// out. Does a few reads of `/proc`.
    package var isGone: Bool {
        guard let host = Host.current else { return false }
        return Self.isGone(HostFiles.content(path, limit: Self.most), on: host)
    }

    /// More bytes than a file has.
    private static let most = 1024
    private static let mostProcesses = 3

    private func write(_ others: [ProcessIdentity]) {
        guard let host = Host.current, let own = ProcessIdentity(pid: getpid()) else { return }
        let bytes = Self.bytes([own] + others, on: host)
        // Renamed, so that a reader sees the whole file.
        let made = path + ".new"
        _ = unsafe unlink(made)
        let file = unsafe open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let count = unsafe Glibc.write(file, bytes, bytes.count)
        close(file)
        guard count == bytes.count, unsafe rename(made, path) == 0 else {
            _ = unsafe unlink(made)
            return
        }
    }

    /// The kernel's boot, and the namespaces in which numbers and starts of processes mean the same.
    struct Host: Hashable {
        let boot: String
        let namespaces: String

        static var current: Host? {
            let boot = HostFiles.content("/proc/sys/kernel/random/boot_id", limit: 64)
                .prefix { $0 != 0x0a }
            guard !boot.isEmpty, let processes = link("pid") else { return nil }
            // A kernel may have no namespaces of time.
            return Host(
                boot: String(decoding: boot, as: UTF8.self),
                namespaces: "\(processes),\(link("time") ?? "-")")
        }

        private static func link(_ name: String) -> String? {
            var bytes = [CChar](repeating: 0, count: 64)
            let count = unsafe readlink("/proc/self/ns/\(name)", &bytes, bytes.count)
            guard count > 0, count < bytes.count else { return nil }
            return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    static func bytes(_ processes: [ProcessIdentity], on host: Host) -> [UInt8] {
        let lines = processes.map { "process \($0.pid) \($0.start)" }
        let head = ["boot \(host.boot)", "namespaces \(host.namespaces)"]
        return Array((head + lines + ["end", ""]).joined(separator: "\n").utf8)
    }

    /// - Parameter bytes: of a file; anything else than a whole one is not gone.
    static func isGone(_ bytes: [UInt8], on host: Host) -> Bool {
        guard bytes.count < most, bytes.last == 0x0a else { return false }
        let lines = String(decoding: bytes.dropLast(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ", omittingEmptySubsequences: false) }
        guard (4...3 + mostProcesses).contains(lines.count), lines.last == ["end"],
            lines[0].count == 2, lines[0][0] == "boot", !lines[0][1].isEmpty,
            lines[1].count == 2, lines[1][0] == "namespaces"
        else { return false }
        var processes: [ProcessIdentity] = []
        for line in lines.dropFirst(2).dropLast() {
            guard line.count == 3, line[0] == "process", let pid = Int32(line[1]), pid > 0,
                let start = UInt64(line[2])
            else { return false }
            processes.append(ProcessIdentity(pid: pid, start: start))
        }
        // No process outlives a boot.
        guard String(lines[0][1]) == host.boot else { return true }
        return String(lines[1][1]) == host.namespaces && processes.allSatisfy(\.hasEnded)
    }
}

extension LaunchedAgent {
    /// The launcher and pid 1, with whose end the kernel has ended everything inside. Returns nil if that is not so, or
    /// if one of them is not known.
    fileprivate var identities: [ProcessIdentity]? {
        guard hasNamespaces else { return nil }
        let found = [pidfd, firstProcess.withLock { $0 }].compactMap { ProcessIdentity(pidfd: $0) }
        return found.count == 2 ? found : nil
    }
}
