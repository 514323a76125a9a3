import Glibc
import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockConsole
import InterlockConsoleWorld
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTransport

/// Serves the console with synthetic requests, for tests in a real browser. Prints its port and ends with its standard
/// input; each line there changes the content.
@main enum ConsolePages {
    static func main() async throws {
        let world = ConsoleWorld(
            time: { SystemClock().now.wall }, verifier: P256SessionVerifier())
        let status = BusyStatus(at: SystemClock().now.wall)
        let changes = World(world, status)
        try changes.fill()
        let loops = LoopGroup(count: 1)
        let gate = Gate(world: world)
        let server = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .people, handler: gate, loops: loops)
        gate.open(
            Console(
                origins: ["http://localhost:\(server.port)"], sessions: world, inbox: world,
                clock: SystemClock(), hashing: OpenSSLHashing(), entry: world.entry,
                sources: ConsoleSources(status: status), chart: chartLibrary()))
        print(server.port)
        fflush(nil)
        while let line = readLine() {
            try await changes.obey(line)
            print("done")
            fflush(nil)
        }
    }

    /// Debian's chart library, or nil if it is not installed.
    private static func chartLibrary() -> [UInt8]? {
        guard let file = unsafe fopen("/usr/share/javascript/chart.js/chart.min.js", "r") else {
            return nil
        }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}

/// The initial content, and the changes that lines of the test make.
struct World {
    let world: ConsoleWorld
    let status: BusyStatus
    private var now: Timestamp { SystemClock().now.wall }

    init(_ world: ConsoleWorld, _ status: BusyStatus) {
        self.world = world
        self.status = status
    }

    func fill() throws {
        let office = world.office
        world.put(try office.request(1, now: now))
        world.put(
            try office.request(
                2, arguments: Hostile.arguments, tier: .high, facts: Hostile.facts, now: now))
        let line = String(repeating: "<b>&\u{202e}", count: 8_000)
        world.put(try office.request(3, arguments: ["line": .string(line)], now: now))
        world.put(try office.voted(try office.request(4, now: now), .approve, by: 1, at: now))
        world.put(try office.voted(try office.request(5, now: now), .deny, by: 1, at: now))
        world.put(try office.request(6, quorum: 2, voters: [0, 1, 2], now: now))
        world.put(try office.request(7, voters: [2], now: now))
        for number in 100..<170 {
            world.put(
                try office.request(
                    number, agent: "crm-\(number % 3)", group: "support", voters: [1],
                    life: .seconds(Int64(1000 + number)), now: now))
        }
    }

    /// Handles `ask N` and `deny N`, and `refuse`, `halt` and `check PART STATE` for the status page; without a known
    /// state all parts are as in the beginning.
    func obey(_ line: String) async throws {
        if line == "refuse" { return status.refuse() }
        if line == "halt" { return status.halt() }
        let words = line.split(separator: " ")
        if words.count == 3, words[0] == "check",
            let part = HealthCheck.Part(rawValue: String(words[1]))
        {
            return status.set(part, HealthCheck.State(rawValue: String(words[2])))
        }
        guard words.count == 2, let number = Int(words[1]) else { return }
        let request = try world.office.request(number, now: now)
        switch words[0] {
        case "ask": world.put(request)
        case "deny": world.put(try world.office.voted(request, .deny, by: 1, at: now))
        default: return
        }
    }
}
