import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockSandbox

/// Programs of the gateway's own, such as those that print secrets.
@Suite(.serialized)
struct CommandLauncherTests {
    @Test(.requirement("R023"), arguments: Starter.available)
    func `the streams, the environment and the exit status pass through`(_ starter: Starter) throws
    {
        let place = try Workplace(starter)
        let script = "read line; echo \"got $line\"; echo oops >&2; env; pwd; exit 7"
        let child = try Child(
            place.commands(), ["/bin/sh", "-c", script],
            [("TOKEN", "a=b c"), ("PATH", "/usr/bin:/bin")])
        var line = Array("hello\n".utf8)
        #expect(unsafe write(child.launched.stdin, &line, line.count) == line.count)
        child.read()
        let lines = child.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.first == "got hello")
        #expect(lines.last == "/")
        #expect(
            Set(lines.dropFirst().dropLast()) == ["TOKEN=a=b c", "PATH=/usr/bin:/bin", "PWD=/"])
        #expect(child.standardError == "oops\n")
        #expect(try child.wait() == 7)
    }

    @Test func `a program in what the gateway keeps is not opened`() throws {
        let place = try Workplace(Starter.available[0])
        let launcher = try place.commands()
        let program = "\(place.folder)/state/secret"
        let failure = #expect(throws: LaunchFailure.self) { _ = try Child(launcher, [program]) }
        #expect(failure?.reason.contains("the gateway's own") == true)
        let child = try Child(launcher, ["/bin/ls", "\(place.folder)/state"])
        child.read()
        #expect(child.standardOutput.isEmpty)
        #expect(try child.wait() == 0)
    }

    @Test(arguments: Starter.available)
    func `killing the group ends every process inside`(_ starter: Starter) throws {
        let place = try Workplace(starter)
        let child = try start(
            place, "setsid sleep 1000 & sleep 1001 & (sleep 1002 &) ; echo ready; wait")
        child.read { $0.hasSuffix("ready\n") }
        let inside = descendants(of: child.launched.pid)
        #expect(inside.count >= 5)
        #expect(kill(-child.launched.pid, SIGKILL) == 0)
        #expect(try child.wait() == 128 + SIGKILL)
        #expect(eventually { !inside.contains(where: isAlive) })
    }

    @Test(arguments: Starter.available)
    func `a signal to the child reaches the command, which may end in its own way`(
        _ starter: Starter
    ) throws {
        let place = try Workplace(starter)
        let child = try start(
            place, "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.02; done")
        child.read { $0.hasSuffix("ready\n") }
        #expect(kill(child.launched.pid, SIGTERM) == 0)
        child.read()
        #expect(child.standardOutput == "ready\nbye\n")
        #expect(try child.wait() == 5)
    }

    @Test(arguments: Starter.available)
    func `the end of the command ends what it left running`(_ starter: Starter) throws {
        let place = try Workplace(starter)
        let child = try start(place, "setsid sleep 1000 & echo ready; read line; exit 0")
        child.read { $0.hasSuffix("ready\n") }
        let inside = descendants(of: child.launched.pid)
        // The child's input ends, but its number stays in use, because other tests open files at the same time.
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        #expect(dup2(nothing, child.launched.stdin) == child.launched.stdin)
        close(nothing)
        #expect(try child.wait() == 0)
        #expect(eventually { !inside.contains(where: isAlive) })
    }

    @Test(arguments: Starter.available)
    func `the child ends with the launcher object, as it would with the gateway`(
        _ starter: Starter
    ) throws {
        let place = try Workplace(starter)
        var launcher: CommandLauncher? = try place.commands()
        let child = try Child(#require(launcher).launch(["/bin/sleep", "1000"], []))
        #expect(!child.ends(within: 200))
        launcher = nil
        #expect(child.ends(within: 5000))
        #expect(try child.wait() == 128 + SIGKILL)
    }

    @Test func `fifty launches leave no descriptor and no process behind`() async {
        // The test runs in a process of its own, because other tests open and close descriptors at the same time.
        await #expect(processExitsWith: .success) {
            for starter in Starter.available { try launchFiftyTimes(starter) }
        }
    }

    @Test func `a command that is not there ends with 127, one that cannot run with 126`() throws {
        let place = try Workplace(Starter.available[0])
        let launcher = try place.commands()
        for (program, code) in [("/usr/bin/no-such-program", 127), ("/etc/passwd", 126)] {
            let child = try Child(launcher, [program])
            child.read()
            #expect(try child.wait() == code)
            #expect(child.standardError.hasPrefix("interlock-launch: execute `\(program)`: E"))
        }
    }

    @Test func `a covered path that does not exist refuses the launch`() throws {
        let place = try Workplace(Starter.available[0])
        let launcher = try place.commands(kept: ["state", "nothing"])
        let failure = #expect(throws: LaunchFailure.self) {
            try launcher.launch(["/bin/true"], [])
        }
        #expect(failure?.reason.contains("`\(place.folder)/nothing`") == true)
        #expect(launcher.unavailability() == failure?.reason)
    }

    @Test func `arguments that would be read as others are refused`() throws {
        let place = try Workplace(Starter.available[0])
        let launcher = try place.commands()
        let wrong: [([String], [(String, String)])] = [
            ([], []), ([""], []), (["/bin/true", "a\u{0}b"], []), (["/bin/true"], [("A=B", "c")]),
            (["/bin/true"], [("", "c")]), (["/bin/true"], [("A", "b\u{0}c")]),
        ]
        for (argv, environment) in wrong {
            #expect(throws: LaunchFailure.self) { try launcher.launch(argv, environment) }
        }
    }

    /// An invalid command line never runs the command.
    @Test(arguments: [
        ["--cover", "relative"], ["--cover", "/"], ["--cover", "/a/../b"], ["--cover", "/a/"],
        ["--bind-ro", "/proc/self"], ["--cover", "/tmp", "--bind-ro", "/tmp"], ["--cover"],
        ["--lifeline", "x"], ["--unknown"], ["--bind-ro", "/no/such/path"],
        ["--bind-rw", "/srv"], ["--network", "none"],
    ])
    func `the launcher refuses`(_ arguments: [String]) throws {
        let place = try Workplace(Starter.available[0])
        // A script in place of the launcher inserts the wrong arguments.
        place.makeFile(
            "wrong",
            "#!/bin/sh\nexec \(place.launcher) \(arguments.joined(separator: " ")) -- /bin/echo ran\n",
            0o755)
        let launcher = try CommandLauncher(launcher: "\(place.folder)/wrong", kept: [])
        let reason = try #require(launcher.unavailability())
        #expect(reason.contains("interlock-launch: "))
        #expect(!reason.contains("ran"))
    }

    @Test func `where namespaces are not to be had the check says so, and nothing starts`() throws {
        let place = try Workplace(Starter.available[0])
        // The sandbox allows no further user namespace, as on a machine that forbids them.
        let child = try Child(
            place.commands(), ["\(place.folder)/launch", "--", "/bin/echo", "ran"])
        child.read()
        #expect(try child.wait() == 125)
        #expect(child.standardOutput == "")
        #expect(
            child.standardError
                == "interlock-launch: user, mount, pid and ipc namespaces: ENOSPC\n")
    }

    private func start(_ place: Workplace, _ script: String) throws -> Child {
        try Child(place.commands(), ["/bin/sh", "-c", script])
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<3000 {
            if condition() { return true }
            usleep(20_000)
        }
        return condition()
    }
}

private func launchFiftyTimes(_ starter: Starter) throws {
    let place = try Workplace(starter)
    let commands = try place.commands()
    let servers = SandboxLauncher(try place.configuration())
    #expect(commands.unavailability() == nil && servers.unavailability() == nil)
    let descriptors = openDescriptors()
    var pids: [Int32] = []
    for round in 0..<50 {
        let argv = ["/bin/echo", "round \(round)"]
        let isCommand = round.isMultiple(of: 2)
        let child = try isCommand ? Child(commands, argv) : Child(servers, place.command(argv))
        child.read()
        #expect(child.standardOutput == "round \(round)\n", "\(child.standardError)")
        #expect(try child.wait() == 0)
        pids.append(child.launched.pid)
    }
    #expect(openDescriptors().subtracting(descriptors).isEmpty)
    #expect(!pids.contains(where: isAlive))
}
