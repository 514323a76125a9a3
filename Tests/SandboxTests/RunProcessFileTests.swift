import CLinux
import Glibc
import InterlockPorts
import Testing

@testable import InterlockSandbox

/// The processes with whose end a run has ended (docs/specs/sandbox.md, section 13).
@Suite struct RunProcessFileTests {
    /// More than the kernel gives to any process.
    private static let unused: Int32 = 1 << 30

    private func host() throws -> RunProcessFile.Host { try #require(RunProcessFile.Host.current) }

    @Test func `a run whose supervisor lives is not gone`() throws {
        var template = Array("/tmp/interlock-processes-XXXXXX".utf8CString)
        let made = unsafe try #require(mkdtemp(&template))
        let folder = unsafe String(cString: made)
        defer { _ = unsafe rmdir(folder) }
        let file = RunProcessFile(folder: folder)
        #expect(!file.isGone)
        file.begin()
        let written = HostFiles.content(folder + "/processes", limit: 1024)
        let own = try #require(ProcessIdentity(pid: getpid()))
        #expect(written == RunProcessFile.bytes([own], on: try host()) && !file.isGone)
        // A later boot has none of them.
        #expect(
            RunProcessFile.isGone(
                written, on: RunProcessFile.Host(boot: "later", namespaces: "pid:[1],-")))
        try file.clear()
        try file.clear()
        #expect(!file.isGone && HostFiles.content(folder + "/processes", limit: 1024).isEmpty)
        // A folder that holds something else cannot be removed.
        let removed = unsafe rmdir(folder)
        #expect(removed == 0)
    }

    @Test func `a number that is now another process's does not count as the one that was named`()
        throws
    {
        let host = try host()
        let own = try #require(ProcessIdentity(pid: getpid()))
        let before = ProcessIdentity(pid: own.pid, start: own.start - 1)
        let never = ProcessIdentity(pid: Self.unused, start: 1)
        #expect(RunProcessFile.isGone(RunProcessFile.bytes([before, never], on: host), on: host))
        #expect(!RunProcessFile.isGone(RunProcessFile.bytes([before, own], on: host), on: host))
        // Numbers of other namespaces say nothing here.
        let other = RunProcessFile.Host(boot: host.boot, namespaces: "pid:[1],-")
        #expect(!RunProcessFile.isGone(RunProcessFile.bytes([never], on: other), on: host))
    }

    @Test func `a process that was not reaped yet has ended`() async throws {
        // The process is a new one, since this one reaps children elsewhere too.
        await #expect(processExitsWith: .success) {
            let words = try CStringArray(["/usr/bin/sleep", "60"])
            let nothing = try CStringArray([])
            var pid: pid_t = 0
            let error = unsafe posix_spawn(
                &pid, "/usr/bin/sleep", nil, nil, words.pointers, nothing.pointers)
            #expect(error == 0)
            let pidfd = pidfd_open(pid, 0)
            let identity = try #require(ProcessIdentity(pidfd: pidfd))
            #expect(identity.pid == pid && !identity.hasEnded)
            kill(pid, SIGKILL)
            var polled = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&polled, 1, 10_000)
            #expect(ready == 1)
            #expect(identity.hasEnded)
            _ = waitpid(pid, nil, 0)
            #expect(identity.hasEnded && ProcessIdentity(pidfd: pidfd) == nil)
        }
    }

    @Test func `a file that was torn at any byte is not believed`() throws {
        let host = try host()
        let never = ProcessIdentity(pid: Self.unused, start: 17)
        let whole = RunProcessFile.bytes([never, never, never], on: host)
        #expect(RunProcessFile.isGone(whole, on: host))
        for count in whole.indices {
            #expect(!RunProcessFile.isGone(Array(whole[..<count]), on: host), "\(count)")
        }
        let text = String(decoding: whole, as: UTF8.self)
        for wrong in [
            "", "\n", text + text, text + "end\n",
            text.replacing("process", with: "processes"), text.replacing("boot", with: "boots"),
            text.replacing(" 17", with: " -17"), text.replacing(" 17", with: " "),
            text.replacing("process 1", with: "process -1"),
        ] { #expect(!RunProcessFile.isGone(Array(wrong.utf8), on: host), "\(wrong)") }
    }
}
