import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockSandbox

/// Children of stdio servers, whose file tree has nothing but what is listed (docs/specs/sandbox.md, section 14).
@Suite(.serialized) struct ListedLaunchTests {
    /// Root starts its own children; an ordinary user too. Each is what a gateway does.
    private let starter = Starter.available[0]

    private func launcher(
        _ place: Workplace, _ listed: ListedAccess = ListedAccess(), kept: [String] = []
    ) throws -> SandboxLauncher {
        var configuration = try place.configuration()
        configuration.kept += kept
        let server = try place.server
        configuration.access[server]?.listed = listed
        return SandboxLauncher(configuration)
    }

    private func printed(
        _ script: String, _ place: Workplace, _ listed: ListedAccess = ListedAccess()
    ) throws -> String {
        let child = try Child(
            try launcher(place, listed), try place.command(["/bin/sh", "-c", script]))
        child.read()
        #expect(try child.wait() == 0, "\(child.standardError)")
        return child.standardOutput
    }

    @Test(.requirement("R075"))
    func `a child sees its folders, and no other file of the host`() throws {
        let place = try Workplace(starter)
        let script = """
            cat \(place.folder)/readable/file; echo; ls \(place.folder); ls /home; id -u
            echo x > \(place.folder)/data/made && echo written
            echo x > \(place.folder)/readable/made || echo refused
            """
        let lines = try printed(script, place).split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "secret of readable/file", "data", "readable", "agent", "1000", "written",
                "refused",
            ])
        #expect(place.text(of: "data/made") == "x\n" && place.text(of: "readable/made") == nil)
    }

    @Test func `the environment is that of the command and of the sandbox`() throws {
        let place = try Workplace(starter)
        let child = try Child(
            try launcher(place), try place.command(["/usr/bin/env"], [("TOLD", "yes")]))
        child.read()
        #expect(try child.wait() == 0)
        let names = Set(child.standardOutput.split(separator: "\n").map { $0.prefix { $0 != "=" } })
        #expect(names == ["HOME", "USER", "TMPDIR", "LANG", "TOLD"])
    }

    @Test func `a secret is a file, and a cache a folder of its own`() throws {
        let place = try Workplace(starter)
        place.makeFolder("cache")
        let listed = ListedAccess(
            caches: [.init(inside: "/home/agent/.c", outside: "\(place.folder)/cache")],
            secretFiles: ["token": Array("value".utf8)])
        let text = try printed(
            "cat /run/secrets/token; echo kept > /home/agent/.c/file", place, listed)
        #expect(text == "value" && place.text(of: "cache/file") == "kept\n")
    }

    @Test func `what is the gateway's own is empty inside a folder that is shown`() throws {
        let place = try Workplace(starter)
        var configuration = try place.configuration()
        place.makeFolder("readable/state")
        place.makeFile("readable/state/key", "secret", 0o666)
        configuration.kept.append("\(place.folder)/readable/state")
        let child = try Child(
            SandboxLauncher(configuration),
            try place.command(["/bin/ls", "\(place.folder)/readable/state"]))
        child.read()
        #expect(try child.wait() == 0)
        #expect(child.standardOutput.isEmpty)
    }

    @Test(.requirement("R153"))
    func `it is empty too where a program's folder is reached through a link`() throws {
        let place = try Workplace(starter)
        place.makeFolder("tool")
        place.makeFolder("tool/state")
        place.makeFile("tool/state/key", "secret", 0o666)
        let link = "\(place.folder)/link"
        unsafe symlink("\(place.folder)/tool", link)
        place.makeFile(
            "tool/run", "#!/bin/sh\nls \(link) \(link)/state \(place.folder)/tool/state\n", 0o755)
        var configuration = try place.configuration()
        configuration.kept.append("\(place.folder)/tool/state")
        let child = try Child(
            SandboxLauncher(configuration), try place.command(["\(link)/run"]))
        child.read()
        #expect(try child.wait() == 0, "\(child.standardError)")
        let hasProgram = child.standardOutput.contains("run\n")
        let hasSecret = child.standardOutput.contains("key")
        #expect(hasProgram && !hasSecret, "\(child.standardOutput)")
    }

    @Test func `a path that leads through a link is refused`() throws {
        let place = try Workplace(starter)
        unsafe symlink("\(place.folder)/outside", "\(place.folder)/readable-link")
        var configuration = try place.configuration()
        let server = try place.server
        configuration.access[server] = .init(
            readable: ["\(place.folder)/readable-link"])
        let launcher = SandboxLauncher(configuration)
        let command = try place.command(["/bin/true"])
        #expect(throws: LaunchFailure.self) { try launcher.launch(command) }
    }

    @Test func `a path in what is the gateway's own is refused, and a server without access`()
        throws
    {
        let place = try Workplace(starter)
        var configuration = try place.configuration()
        let server = try place.server
        configuration.access[server] = .init(readable: ["\(place.folder)/state/secret"])
        let inside = try failure(SandboxLauncher(configuration), place)
        #expect(inside.contains("the gateway's own"))
        configuration.access = [:]
        let none = try failure(SandboxLauncher(configuration), place)
        #expect(none == "`hostile` has no sandbox")
    }

    @Test(arguments: ["readable", "writable"])
    func `a home is not shown as a whole, nor within a folder that is`(_ access: String) throws {
        let place = try Workplace(starter)
        let home = "\(place.folder)/outside"
        var configuration = try place.configuration()
        configuration.covered.append(home)
        func start(_ path: String) throws -> Child {
            configuration.access[try place.server] =
                access == "readable" ? .init(readable: [path]) : .init(writable: [path])
            return try Child(
                SandboxLauncher(configuration), try place.command(["/bin/ls", home]))
        }
        let refusal = #expect(throws: LaunchFailure.self) { _ = try start(home) }
        #expect(
            refusal?.reason == "no server is shown the whole of `\(home)`: name what it reads there"
        )
        let child = try start(place.folder)
        child.read()
        #expect(try child.wait() == 0, "\(child.standardError)")
        #expect(child.standardOutput.isEmpty)
    }

    @Test func `a covered path that does not exist refuses the launch`() throws {
        let place = try Workplace(starter)
        var configuration = try place.configuration()
        configuration.covered.append("\(place.folder)/nothing")
        let launcher = SandboxLauncher(configuration)
        let reason = try failure(launcher, place)
        #expect(reason.contains("`\(place.folder)/nothing`"))
        #expect(launcher.unavailability() == reason)
    }

    private func failure(_ launcher: SandboxLauncher, _ place: Workplace) throws -> String {
        let command = try place.command(["/bin/true"])
        let failure = #expect(throws: LaunchFailure.self) { try launcher.launch(command) }
        return failure?.reason ?? ""
    }

    @Test(.requirement("R112"))
    func `a kill ends everything, and the launcher after it`() throws {
        let place = try Workplace(starter)
        let child = try Child(
            try launcher(place),
            try place.command([
                "/bin/sh", "-c", "setsid sleep 60 & echo on; trap '' TERM; sleep 60",
            ]))
        child.read { $0.contains("on") }
        let sandbox = try #require(child.launched.sandbox)
        sandbox.kill()
        #expect(child.ends(within: 1_000))
        #expect(sandbox.ending() == "it was killed with all it had started")
    }

    @Test func `the command is asked to end first`() throws {
        let place = try Workplace(starter)
        let child = try Child(
            try launcher(place),
            try place.command([
                "/bin/sh", "-c", "trap 'exit 3' TERM; echo on; while :; do sleep 0.05; done",
            ]))
        child.read { $0.contains("on") }
        let sandbox = try #require(child.launched.sandbox)
        sandbox.terminate()
        #expect(child.ends(within: 5_000))
        #expect(sandbox.ending() == "it exited with status 3")
    }

    @Test func `a command that cannot run says why`() throws {
        let place = try Workplace(starter)
        let child = try Child(try launcher(place), try place.command(["/usr/bin/no-such-program"]))
        #expect(child.ends(within: 5_000))
        let ending = child.launched.sandbox?.ending()
        #expect(ending == "its command is not there in its sandbox, which shows what `read` lists")
    }

    @Test func `listeners are handed over only where a proxy is wanted`() throws {
        let place = try Workplace(starter)
        let plain = try Child(try launcher(place), try place.command(["/bin/sleep", "1"]))
        #expect(plain.launched.sandbox?.handover == nil)
        plain.launched.sandbox?.kill()
        let child = try Child(
            try launcher(place, ListedAccess(hasProxy: true)),
            try place.command(["/bin/sleep", "60"]))
        let sandbox = try #require(child.launched.sandbox)
        var listeners: ProxyListeners?
        while listeners == nil { listeners = try sandbox.takeListeners() }
        if let listeners {
            close(listeners.http)
            close(listeners.socks)
        }
        sandbox.kill()
        #expect(child.ends(within: 1_000))
    }
}
