import InterlockCommandLine
import InterlockHosts
import InterlockLogReading
import InterlockModel

/// The servers to take over from hosts' files, and the open points with their reasons.
struct TakeoverPlan {
    let sources: [HostSource]
    /// The agent of each source, by the source's index.
    let agents: [AgentName]
    private(set) var servers: [PlannedServer] = []
    private(set) var taken: [(server: PlannedServer, review: ServerReview)] = []
    /// Messages for the person, one line each.
    private(set) var open: [String] = []

    init(_ sources: [HostSource], _ agents: [AgentName]) {
        self.sources = sources
        self.agents = agents
    }

    /// Reads each entry. The same server in two entries becomes one.
    mutating func read(_ questions: Questions) throws {
        var names = ServerKeys()
        for (index, source) in sources.enumerated() {
            for (number, entry) in source.file.entries.enumerated() {
                let place = PlannedServer.Location(source: index, entry: number)
                if let relay = entry.relay {
                    let way = "\(relay.gateway) by \(relay.program)"
                    Output.line(
                        TerminalEscaping.shown("\(entry.name): leads to a gateway already, \(way)"))
                    continue
                }
                do {
                    let reading = EntryReading(entry: entry, source: source, questions: questions)
                    let read = try reading.way()
                    if let same = servers.firstIndex(where: { $0.way == read.way }) {
                        servers[same].places.append(place)
                        servers[same].borrowed.merge(read.borrowed) { $0.union($1) }
                        continue
                    }
                    guard let name = names.take(entry.name) else {
                        throw EntryReading.EntryError("its name has no letter or digit")
                    }
                    servers.append(
                        PlannedServer(
                            name: name, way: read.way, remarks: read.remarks,
                            borrowed: read.borrowed, places: [place]))
                } catch let unfit as EntryReading.EntryError { leave(place, unfit.reason) }
            }
        }
    }

    mutating func take(_ server: PlannedServer, _ review: ServerReview) {
        taken.append((server, review))
        open += review.open
        if !review.showsAnything {
            open.append(
                "\(server.name): all of it is hidden, since none of its tools is confirmed as read "
                    + "(--read \(server.name).TOOL)")
        }
    }

    mutating func leave(_ server: PlannedServer, _ reason: String) {
        for place in server.places { leave(place, reason) }
    }

    private mutating func leave(_ place: PlannedServer.Location, _ reason: String) {
        let source = sources[place.source]
        let entry = source.file.entries[place.entry]
        open.append("\(entry.name) (\(source.path):\(entry.line)) stays as it is: \(reason)")
    }

    func tellOpen() {
        guard !open.isEmpty else { return }
        Output.error("interlock: left open, and not governed:")
        for line in open { Output.error("  " + TerminalEscaping.shown(line)) }
    }

    func origin(of server: PlannedServer) -> String {
        server.places.map { place in
            let source = sources[place.source]
            return "\(TerminalEscaping.shown(source.path)):\(source.file.entries[place.entry].line)"
        }.joined(separator: ", ")
    }

    /// The agents whose hosts have the server; sorted, each once.
    func agents(of server: PlannedServer) -> [AgentName] {
        Set(server.places.map { agents[$0.source] }).sorted()
    }

    /// The agents that have a server, each with its host.
    var hosts: [(agent: AgentName, kind: HostKind)] {
        var hosts: [(agent: AgentName, kind: HostKind)] = []
        for (server, _) in taken {
            for place in server.places
            where !hosts.contains(where: { $0.agent == agents[place.source] }) {
                hosts.append((agents[place.source], sources[place.source].kind))
            }
        }
        return hosts
    }

    /// The relay commands for the entries of one source that are taken over.
    func relays(of source: Int, _ made: TakeoverDeployment) -> [Int: RelayCommand] {
        var relays: [Int: RelayCommand] = [:]
        for (server, _) in taken {
            for place in server.places where place.source == source {
                relays[place.entry] = made.relay(agents[source], server.name)
            }
        }
        return relays
    }
}
