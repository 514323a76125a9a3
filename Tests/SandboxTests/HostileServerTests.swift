import CLinux
import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockSandbox

@Suite(.serialized)
struct HostileServerTests {
    /// The two forms of a launch, and none.
    enum Form: CaseIterable {
        case server, command, withoutWalls
    }

    /// The filter of servers refuses a list of calls; that of the gateway's own programs refuses what it does not know.
    private static let passed = ["use a call newer than the filter"]

    @Test(.requirement("R075", "R076"), arguments: Starter.available, [Form.server, .command])
    func `a hostile program gets nowhere, and can still do its work`(
        _ starter: Starter, _ form: Form
    ) throws {
        let place = try Workplace(starter)
        let control = try UnixListener("\(place.folder)/state/interlock.sock")
        let agent = try UnixListener("\(place.folder)/agent.sock")
        let neighbour = try startNeighbour(place)

        let report = try attack(place, form, neighbour: neighbour.launched.pid)
        for (attempt, result) in report.attempts
        where form == .command || !Self.passed.contains(attempt) {
            #expect(result.hasPrefix("blocked"), "\(attempt): \(result)")
        }
        #expect(report.attempts.count >= 55)
        for (ability, result) in report.abilities {
            let isOpen = form == .server || ability != "write own data"
            #expect(result.hasPrefix("can\t") == isOpen, "\(ability): \(result)")
        }

        // The same facts, checked from outside.
        #expect(!control.wasVisited)
        #expect(!agent.wasVisited)
        #expect(!neighbour.ends(within: 0))
        #expect(place.text(of: "outside/file") == "secret of outside/file")
        #expect(place.text(of: "readable/file") == "secret of readable/file")
        #expect(place.text(of: "outside/planted") == nil)
        #expect(place.text(of: "state/planted") == nil)
        #expect(unsafe access("/etc/interlock-planted", F_OK) != 0)
        let own: String? = form == .server ? "was here\n" : nil
        #expect(place.text(of: "data/own") == own)
        var planted = stat()
        if unsafe stat("\(place.folder)/data/planted", &planted) == 0 {
            #expect(planted.st_mode & 0o6000 == 0)
        }
    }

    /// The control: if these were blocked anyway, the test above would prove nothing.
    @Test func `without walls the same server gets what it wants`() throws {
        let place = try Workplace(.user)
        let control = try UnixListener("\(place.folder)/state/interlock.sock")
        let agent = try UnixListener("\(place.folder)/agent.sock")
        let neighbour = try startNeighbour(place)

        let report = try attack(place, .withoutWalls, neighbour: neighbour.launched.pid)
        let expected = [
            "read state", "list state", "read key", "write into state", "connect to control socket",
            "connect to agent socket", "read covered file", "read neighbour's environment",
            "see other processes", "write outside", "create outside", "signal neighbour",
            "write to the read-only place", "plant by chmod", "plant by fchmod", "plant by open",
            "plant by creat", "plant by openat2", "plant by mknod", "use the keys of the user",
        ]
        for attempt in expected {
            #expect(report.attempts[attempt]?.hasPrefix("succeeded") == true, "\(attempt)")
        }
        #expect(control.wasVisited)
        #expect(agent.wasVisited)
        #expect(neighbour.ends(within: 5000))
        #expect(place.text(of: "outside/planted") != nil)
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `root's child is nobody on the host, and its data stays root's`() throws {
        let place = try Workplace(.root)
        let child = try Child(
            SandboxLauncher(place.configuration()),
            place.command(["/bin/sh", "-c", "id -u; touch own; echo ready; exec sleep 100"]))
        child.read { $0.hasSuffix("ready\n") }
        #expect(child.standardOutput == "1000\nready\n", "\(child.standardError)")
        var status = stat()
        #expect(unsafe stat("\(place.folder)/data/own", &status) == 0)
        #expect(status.st_uid == 0)
        let owners = descendants(of: child.launched.pid).map(ownerOfProcess)
        #expect(owners == [65_534, 65_534])
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `a folder closed to others does not keep nobody from what it was given`() throws {
        let place = try Workplace(.root)
        place.makeFolder("closed")
        place.makeFolder("closed/given")
        place.makeFile("closed/given/file", "given", 0o600)
        place.makeFile("closed/other", "other", 0o666)
        unsafe chmod("\(place.folder)/closed", 0o700)
        var configuration = try place.configuration()
        configuration.access[try place.server]?.readable.append("\(place.folder)/closed/given")
        let child = try Child(
            SandboxLauncher(configuration),
            place.command([
                "/bin/sh", "-c", "cd \(place.folder)/closed; cat given/file; cat other",
            ]))
        child.read()
        #expect(child.standardOutput == "given")
        #expect(child.standardError.contains("No such file"))
    }

    private func startNeighbour(_ place: Workplace) throws -> Child {
        let child = try Child(
            place.commands(launcher: "\(place.folder)/without-walls"),
            ["/bin/sh", "-c", "echo ready; exec sleep 100"], [("TOKEN", "a secret")])
        child.read { $0.hasSuffix("ready\n") }
        return child
    }

    private struct Report {
        var attempts: [String: String] = [:]
        var abilities: [String: String] = [:]
    }

    private func attack(_ place: Workplace, _ form: Form, neighbour: Int32) throws -> Report {
        place.makeFolder("code")
        try place.copyFile("\(fixtures)/hostile_server.py", "code/hostile_server.py", 0o644)
        let argv = [
            "/usr/bin/python3", "-I", "\(place.folder)/code/hostile_server.py", place.folder,
            "\(getpid())", "\(neighbour)",
        ]
        let child: Child
        switch form {
        case .server:
            child = try Child(SandboxLauncher(place.configuration()), place.command(argv))
        case .command:
            let kept = ["state", "covered-file", "agent.sock"]
            child = try Child(place.commands(kept: kept), argv)
        case .withoutWalls:
            child = try Child(place.commands(launcher: "\(place.folder)/without-walls"), argv)
        }
        child.read()
        #expect(try child.wait() == 0, "\(child.standardError)")
        try #require(
            child.standardOutput.hasSuffix("end\tof\tattempts\n"), "\(child.standardError)")
        var report = Report()
        for line in child.standardOutput.split(separator: "\n").dropLast() {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            try #require(parts.count == 2)
            if parts[1].hasPrefix("can") {
                report.abilities[parts[0]] = parts[1]
            } else {
                report.attempts[parts[0]] = parts[1]
            }
        }
        return report
    }
}
