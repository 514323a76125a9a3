import Glibc
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSandbox

/// The network of a child, and its sockets (R152).
@Suite(.serialized)
struct NetworkWallTests {
    private static let refused = [
        "connect to a unix socket": "EAFNOSUPPORT", "send by one of a pair": "ESOCKTNOSUPPORT",
        "unix": "EAFNOSUPPORT", "unix, datagrams": "EAFNOSUPPORT", "packet": "EAFNOSUPPORT",
        "vsock": "EAFNOSUPPORT", "netlink, of sockets": "EAFNOSUPPORT", "raw": "EPERM",
    ]
    private static let works = [
        "netlink, of routes", "a pair", "a pair of packets", "serve itself on IPv4",
        "serve itself on IPv6",
    ]

    @Test(.requirement("R152"), arguments: Starter.available)
    func `a child has a loopback interface of its own, and no unix socket`(_ starter: Starter)
        throws
    {
        let found = try attempt(starter, .server(.own))
        #expect(found.attempts["connect to the host"] == "ECONNREFUSED")
        #expect(found.attempts["see lo alone"] == "made")
        expectWalls(found)
        #expect(found.visits == [])
    }

    @Test(arguments: Starter.available)
    func `with the machine's network it has that, and no unix socket`(_ starter: Starter) throws {
        let found = try attempt(starter, .server(.host))
        #expect(found.attempts["connect to the host"] == "made")
        expectWalls(found)
        #expect(found.visits == ["tcp"])
    }

    @Test(arguments: Starter.available)
    func `a program of the gateway's own has the machine's network, and no unix socket`(
        _ starter: Starter
    ) throws {
        var found = try attempt(starter, .command)
        #expect(found.attempts["connect to the host"] == "made")
        #expect(found.attempts["netlink, of sockets"] == "EPROTONOSUPPORT")
        found.attempts["netlink, of sockets"] = "EAFNOSUPPORT"
        expectWalls(found)
        #expect(found.visits == ["tcp"])
    }

    /// The control, which shows that the walls cause the refusals above.
    @Test func `without walls each is there`() throws {
        let found = try attempt(.user, .withoutWalls)
        for attempt in [
            "connect to the host", "connect to a unix socket", "send by one of a pair", "unix",
            "unix, datagrams", "netlink, of sockets",
        ] { #expect(found.attempts[attempt] == "made", "\(attempt)") }
        #expect(found.visits == ["tcp", "unix"])
    }

    @Test func `the list of name servers stays readable below a cover`() throws {
        let place = try Workplace(Starter.available[0])
        unsafe symlink("\(place.folder)/outside/file", "\(place.folder)/list")
        var places = CommandPaths()
        places.addNameServers("\(place.folder)/list")
        #expect(places.kinds.isEmpty, "nothing hides it")
        places.add(.cover, "\(place.folder)/outside")
        places.addNameServers("\(place.folder)/list")
        #expect(places.kinds["\(place.folder)/outside/file"] == .readable)
        places.addNameServers("\(place.folder)/nothing")
        #expect(places.kinds.count == 2)
    }

    /// If no network namespace can be made, no child starts and nothing is silently weakened.
    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `without network namespaces nothing starts`() throws {
        let place = try Workplace(.root)
        place.makeFile(
            "no-network",
            """
            #!/bin/sh
            exec unshare -r sh -c '
                echo 0 > /proc/sys/user/max_net_namespaces && exec \(place.folder)/launch "$@"
            ' sh "$@"
            """, 0o755)
        var configuration = try place.configuration()
        configuration.launcher = "\(place.folder)/no-network"
        let reason = SandboxLauncher(configuration).unavailability()
        #expect(reason == "no sandbox here: userns-limit at clone, errno \(ENOSPC)")
    }

    /// The network of a server, or the other form of a launch, or none.
    private enum Form {
        case server(ServerNetwork)
        case command, withoutWalls
    }

    private struct Found {
        var attempts: [String: String] = [:]
        /// The host's sockets to which the child connected.
        var visits: [String] = []
    }

    private func expectWalls(_ found: Found) {
        for (attempt, error) in Self.refused {
            #expect(found.attempts[attempt] == error, "\(attempt)")
        }
        for attempt in Self.works { #expect(found.attempts[attempt] == "made", "\(attempt)") }
        #expect(found.attempts["unix, by the third set of numbers"] != "made")
    }

    private func attempt(_ starter: Starter, _ form: Form) throws -> Found {
        let place = try Workplace(starter)
        let stream = try UnixListener("\(place.folder)/readable/stream")
        let datagrams = try UnixListener(
            "\(place.folder)/readable/datagrams", kind: SOCK_DGRAM.rawValue)
        let tcp = try TCPListener()
        try place.copyFile("\(fixtures)/sockets.py", "readable/sockets.py", 0o644)
        let argv = [
            "/usr/bin/python3", "-I", "\(place.folder)/readable/sockets.py", place.folder,
            "\(tcp.port)",
        ]
        let child: Child
        switch form {
        case .server(let network):
            child = try Child(
                SandboxLauncher(place.configuration()), place.command(argv, network: network))
        case .command: child = try Child(place.commands(), argv)
        case .withoutWalls:
            child = try Child(place.commands(launcher: "\(place.folder)/without-walls"), argv)
        }
        child.read()
        #expect(try child.wait() == 0, "\(child.standardError)")
        var found = Found()
        for line in child.standardOutput.split(separator: "\n") {
            let parts = line.split(separator: "\t").map(String.init)
            if parts.count == 2 { found.attempts[parts[0]] = parts[1] }
        }
        #expect(found.attempts.count == 16, "\(child.standardOutput)\(child.standardError)")
        if tcp.wasVisited { found.visits.append("tcp") }
        if stream.wasVisited { found.visits.append("unix") }
        withExtendedLifetime(datagrams) {}
        return found
    }
}
