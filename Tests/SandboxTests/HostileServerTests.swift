import CLinux
import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockSandbox
import InterlockTesting
import Testing

@Suite(.serialized)
struct HostileServerTests {
    @Test(.requirement("R075", "R076"), arguments: Starter.available)
    func `a hostile server gets nowhere, and can still do its work`(_ starter: Starter) throws {
        let place = try Workplace(starter)
        let control = try UnixListener("\(place.folder)/state/interlock.sock")
        let agent = try UnixListener("\(place.folder)/agent.sock")
        let neighbour = try startNeighbour(place)
        var configuration = try place.configuration()
        configuration.covered += ["\(place.folder)/covered-file", "\(place.folder)/agent.sock"]

        let report = try attack(place, configuration, neighbour: neighbour.launched.pid)
        for (attempt, result) in report.attempts {
            #expect(result.hasPrefix("blocked"), "\(attempt): \(result)")
        }
        #expect(report.attempts.count >= 55)
        for (ability, result) in report.abilities {
            #expect(result.hasPrefix("can\t"), "\(ability): \(result)")
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
        #expect(place.text(of: "data/own") == "was here\n")
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
        let configuration = try place.configuration(launcher: "\(place.folder)/without-walls")

        let report = try attack(place, configuration, neighbour: neighbour.launched.pid)
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
        let launcher = try SandboxLauncher(place.configuration())
        let child = try Child(
            launcher,
            place.command(["/bin/sh", "-c", "id -u; touch own; echo ready; exec sleep 100"]))
        child.read { $0.hasSuffix("ready\n") }
        #expect(child.standardOutput == "65534\nready\n", "\(child.standardError)")
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
        let launcher = try SandboxLauncher(configuration)
        let child = try Child(
            launcher,
            place.command([
                "/bin/sh", "-c", "cd \(place.folder)/closed; cat given/file; cat other",
            ]))
        child.read()
        #expect(child.standardOutput == "given")
        #expect(child.standardError.contains("No such file"))
    }

    private func startNeighbour(_ place: Workplace) throws -> Child {
        let launcher = try SandboxLauncher(
            place.configuration(launcher: "\(place.folder)/without-walls"))
        let child = try Child(
            launcher,
            place.command(
                ["/bin/sh", "-c", "echo ready; exec sleep 100"], [("TOKEN", "a secret")]))
        child.read { $0.hasSuffix("ready\n") }
        return child
    }

    private struct Report {
        var attempts: [String: String] = [:]
        var abilities: [String: String] = [:]
    }

    private func attack(
        _ place: Workplace, _ configuration: SandboxConfiguration, neighbour: Int32
    ) throws -> Report {
        var configuration = configuration
        try place.copyFile("\(fixtures)/hostile_server.py", "hostile_server.py", 0o644)
        configuration.access[try place.server]?.readable.append("\(place.folder)/hostile_server.py")
        let launcher = try SandboxLauncher(configuration)
        let child = try Child(
            launcher,
            place.command([
                "/usr/bin/python3", "-I", "\(place.folder)/hostile_server.py", place.folder,
                "\(getpid())", "\(neighbour)",
            ]))
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
