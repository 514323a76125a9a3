import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockHosts
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// The temporary folder in which servers are tried before the deployment exists: policy, secrets and an empty state,
/// as the deployment will have them. It is inside the deployment's folder and is removed at the end.
struct TakeoverSite {
    enum Outcome {
        case answered(LiveServers.Answer)
        case silent(String)
    }

    /// The deployment's folder.
    let directory: String
    /// The temporary folder.
    let folder: String
    private let isNew: Bool

    /// - Throws: 73 if there is a deployment already, or the folder cannot be written.
    init(_ named: String) throws(Failure) {
        isNew = !File.exists(named)
        try FileFailure.exits(.cannotCreate, try File.makeFolder(named, mode: 0o700))
        guard let directory = File.realPath(named) else {
            throw Failure(.cannotCreate, "there is no folder `\(named)`")
        }
        try FolderOwner.judge(directory)
        let isWhole = File.exists(directory + "/" + ConfigurationFile.name)
        for name in [ConfigurationFile.name, "state", "policy", "secrets", "tokens"]
        where File.exists(directory + "/" + name) {
            throw Failure(
                .cannotCreate, "`\(directory)` has `\(name)` already",
                help: isWhole
                    ? "interlock connect adds a host to a deployment; else take another --dir"
                    : "without \(ConfigurationFile.name) it is not a deployment: left by an `init` that was broken off? "
                        + "Remove the folder, or take another --dir")
        }
        self.directory = directory
        folder = try Scratch.make(in: directory)
    }

    /// Removes the temporary folder, and the deployment's folder if it was made here and is empty.
    func remove() {
        Scratch.remove(folder)
        if isNew { unsafe rmdir(directory) }
    }

    /// Queries the server, started as `serve` will start it.
    ///
    /// - Parameter hostFiles: the hosts' files, which contain the secrets of all servers; no server can read them.
    func ask(
        _ server: PlannedServer, _ owner: Person, _ agents: [AgentName], hostFiles: [String]
    ) async throws(Failure) -> Outcome {
        let trial = folder + "/trial-\(server.name)"
        defer { Scratch.remove(trial) }
        var draft = DraftPolicy(
            org: "trial", owner: owner, day: SystemClock().now.wall.day,
            servers: [server.draft(for: agents)], agents: [])
        draft.agents = agents.map { DraftPolicy.Agent(name: $0, purpose: "Trial", reads: []) }
        do throws(FileFailure) {
            try File.makeFolder(trial, mode: 0o700)
            try File.makeFolder(trial + "/state", mode: 0o700)
        } catch { throw Failure(.cannotCreate, error.message) }
        try Self.write(server.secrets(for: agents), to: trial + "/secrets")
        try Self.write(draft, to: trial + "/policy")
        let deployment = Deployment(
            directory: trial, configuration: Configuration(),
            hostFiles: hostFiles + [folder])
        let loaded: LoadedPolicy
        do throws(Failure) {
            loaded = try LoadedPolicy.load(
                deployment.policy, lock: .ignored, at: SystemClock().now.wall)
        } catch { return .silent("it does not fit into a policy: \(error.message)") }
        let live = try await LiveServers.ask(
            [server.name], of: loaded.snapshot, deployment, reviewed: [:])
        guard let answer = live.answers[server.name] else {
            return .silent(live.silent[server.name] ?? "nothing was heard of it")
        }
        return .answered(answer)
    }

    func connection(of server: PlannedServer) -> ServerConnection {
        switch server.way {
        case .program(let program): .stdio(program.argv)
        case .remote(let url, _): .http(url)
        }
    }

    func network(of server: PlannedServer) -> ServerNetwork {
        if case .program(let program) = server.way { program.network } else { .own }
    }

    /// The names of the variables in its child's environment, sorted.
    func variables(of server: PlannedServer) -> [String] {
        var names = Set(UpstreamWiring.childEnvironment.map(\.0))
        if case .program(let program) = server.way {
            names.formUnion(program.plain.keys)
            names.formUnion(program.secrets.keys)
        }
        return names.sorted()
    }

    static func write(_ draft: DraftPolicy, to folder: String) throws(Failure) {
        do throws(FileFailure) {
            for name in ["", "/servers", "/agents"] {
                try File.makeFolder(folder + name, mode: 0o700)
            }
            for (path, text) in draft.files {
                try File.write(Array(text.utf8), to: folder + "/" + path)
            }
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// Writes one file per secret, mode 0600 in a folder of mode 0700.
    static func write(
        _ secrets: [(name: String, value: String)], to folder: String
    ) throws(Failure) {
        guard !secrets.isEmpty else { return }
        do throws(FileFailure) {
            try File.makeFolder(folder, mode: 0o700)
            for (name, value) in secrets {
                try File.write(Array((value + "\n").utf8), to: folder + "/" + name)
            }
            try File.syncFolder(of: folder + "/.")
        } catch { throw Failure(.cannotCreate, error.message) }
    }
}
