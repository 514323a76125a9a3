import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTransport

extension Command {
    static let watch = Command(
        "watch URL", "alert when a gateway no longer proves that it is alive: on another machine",
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

extension Invocation {
    /// Parses the option's value as a whole number of seconds.
    fileprivate func seconds(
        _ option: String, in range: ClosedRange<Int64>, otherwise usual: Int64
    ) throws(Failure) -> Duration {
        guard let text = self[option] else { return .seconds(usual) }
        guard let number = Int64(text), range.contains(number) else {
            throw Failure(
                .usage,
                "`--\(option)` is a number of seconds from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return .seconds(number)
    }
}

extension GatewayWatcher {
    fileprivate convenience init(_ invocation: Invocation, loops: LoopGroup) throws(Failure) {
        let every = try invocation.seconds("every", in: 1...300, otherwise: 10)
        let after = try invocation.seconds("after", in: 10...3600, otherwise: 60)
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

/// Reads a secret without its last line break.
func secret(_ path: String) throws(Failure) -> String {
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try File.readRegular(path, limit: 4096) } catch {
        throw Failure(error.isMissing ? .notFound : .io, error.message)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let trimmed = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard !trimmed.isEmpty else { throw Failure(.data, "`\(path)` is empty") }
    return trimmed
}
