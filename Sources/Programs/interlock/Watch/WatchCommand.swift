import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTransport
import InterlockWitnessing

extension Command {
    static let watch = Command(
        "watch URL", "alert when a gateway no longer proves that it is alive: on another machine",
        example: "interlock watch https://gateway.example:7401 --exec ./page-on-call",
        options: [
            Option(
                "--trust FILE",
                "its `log` lines are the keys of the gateway (default: trust.policy)"),
            Option(
                "--exec PROGRAM",
                "started for each alert, which is on its standard input as one line of JSON"),
            Option("--webhook URL", "receives each alert by POST, signed with the secret"),
            Option("--secret FILE", "the secret of the webhook"),
            Option(
                "--token FILE", "the gateway's metrics token, if `metrics.token` names one"),
            Option("--ca FILE", "root certificates in addition to those of the system"),
            Option(
                "--every SECONDS", "between two questions, 1 to 300 (default: 10)"),
            Option(
                "--after SECONDS",
                "without a valid statement until the alert, 10 to 3600 (default: 60)"),
        ],
        exits: [.data, .notFound, .io],
        notes: """
            URL is the address of the people plane, for instance https://interlock.example. Each question has a
            random challenge, and only a statement signed by the log's key counts. `gateway.silent` and
            `gateway.still` (a log that has not grown for three minutes) are sent once each, and their end. An alert
            that its channel does not take is sent again. SIGHUP reads the trust file again, SIGTERM ends.
            """
    ) { invocation in
        let signals = try Signals()
        let loops = LoopGroup()
        let watcher = try GatewayWatcher(invocation, loops: loops)
        log(LogLine("ready watch \(invocation.positional[0])", part: "watch"))
        let looking = Task { await watcher.run() }
        for await signal in signals.stream {
            switch signal {
            case .reload: watcher.reload()
            case .end:
                looking.cancel()
                return .ok
            }
        }
        return .ok
    }
}

extension GatewayWatcher {
    fileprivate convenience init(_ invocation: Invocation, loops: LoopGroup) throws(Failure) {
        let every = Duration.seconds(try invocation.number("every", in: 1...300) ?? 10)
        let after = Duration.seconds(try invocation.number("after", in: 10...3600) ?? 60)
        guard every < after else {
            throw Failure(.usage, "`--every` must be shorter than `--after`")
        }
        let url = invocation.positional[0]
        let named = [url] + [invocation["webhook"]].compactMap(\.self)
        let origins = try named.map { (url) throws(Failure) in
            guard let address = CanonicalURI(url: url) else {
                throw Failure(.usage, "`\(TerminalEscaping.shown(url))` is no http URL")
            }
            return address.origin
        }
        let fetcher = DocumentFetcher(
            clients: HTTPClients(loops: loops), privateOrigins: Set(texts: origins),
            authorities: try invocation["ca"].map { (path) throws(Failure) in
                try TLSAuthorities.read(path, setting: "--ca")
            })
        self.init(
            PolledGateway(
                url: url, fetcher: fetcher,
                token: try invocation["token"].map { (path) throws(Failure) in try secret(path) }),
            trust: TrustFiles(path: invocation["trust"] ?? "trust.policy"),
            channels: try WatchChannels.named(by: invocation, fetcher: fetcher), every: every,
            after: after)
        try load()
    }
}

/// Reads a file that has a secret.
///
/// - Throws: exit 66 if it does not exist, 74 if it is unreadable, 65 if it is not one line of printable text.
func secret(_ path: String) throws(Failure) -> String {
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try File.readRegular(path, limit: 4096) } catch {
        throw Failure(error.isMissing ? .notFound : .io, error.message)
    }
    do throws(KeyFailure) { return try SecretProvider.line(of: bytes, path) } catch {
        throw Failure(.data, error.reason, help: error.help)
    }
}
