import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization

/// The external issuers of this deployment, and the task that fetches their keys. If no issuer is configured,
/// `tokens` is nil and there is no task.
final class IssuerSetup: Sendable {
    let tokens: ExternalTokenAuthenticator?
    private let watch = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter keys: their pseudonym secret also makes the ids of these runs.
    init(_ deployment: Deployment, _ keys: NodeKeys, loops: LoopGroup) throws(Failure) {
        let configuration = deployment.configuration
        let settings = configuration.authorization
        guard !settings.issuers.isEmpty else {
            tokens = nil
            return
        }
        let fetcher = try DocumentFetcher(
            deployment, loops: loops,
            and: settings.issuers.compactMap { Self.loopbackOrigin(of: $0.keysURL) })
        let failing = Mutex<Set<String>>([])
        tokens = ExternalTokenAuthenticator(
            settings.issuers,
            times: KeySetTimes(
                refresh: settings.refresh, retry: settings.retry, maximumAge: settings.maximumAge),
            audience: configuration.listeners.audience, hashing: OpenSSLHashing(),
            clock: SystemClock(), secret: keys.pseudonym,
            fetch: { await Self.fetch($0, fetcher) },
            report: { event in
                guard let line = failing.withLock({ Self.line(of: event, &$0) }) else { return }
                log(line, .warning, part: "issuers")
            })
    }

    /// Starts the task, which runs off the call path until `stop`.
    func start() {
        guard let tokens else { return }
        watch.withLock {
            $0 = Task {
                while !Task.isCancelled {
                    await tokens.lookForKeys()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    func stop() { watch.withLock { $0 }?.cancel() }

    private static func fetch(
        _ url: String, _ fetcher: DocumentFetcher
    ) async -> Result<[UInt8], KeyFailure> {
        switch await fetcher.send(url, accept: "application/jwk-set+json, application/json") {
        case .success(let response) where response.head.status == 200:
            return .success(response.body)
        case .success(let response):
            return .failure(KeyFailure(.io, "the answer has status \(response.head.status)"))
        case .failure(let failure): return .failure(KeyFailure(.io, failure.reason))
        }
    }

    /// Returns the origin of a key set's http URL, or nil for https. An operator named the URL, and the configuration
    /// accepts http only on loopback.
    private static func loopbackOrigin(of url: String) -> String? {
        let uri = CanonicalURI(url: String(url.prefix { $0 != "?" }))
        return uri.flatMap { $0.isSecure ? nil : $0.origin }
    }

    /// Returns a line for each change from working to failing and back, not for each fetch.
    private static func line(of event: IssuerEvent, _ failing: inout Set<String>) -> String? {
        switch event {
        case .keys(let issuer, let count):
            guard failing.remove(issuer) != nil else { return nil }
            return "issuer \(issuer): \(count) keys, after a failure"
        case .failed(let issuer, let reason):
            guard failing.insert(issuer).inserted else { return nil }
            return
                "issuer \(issuer): its keys cannot be fetched: \(TerminalEscaping.shown(reason)); tokens with known keys count until `authorization.max_age`"
        }
    }
}

extension ProtectedResource {
    init(_ configuration: Configuration) {
        let issuers = configuration.authorization.issuers
        self.init(
            uri: configuration.listeners.audience, issuers: issuers.map(\.issuer),
            hasScopes: issuers.contains(where: \.needsScopes))
    }
}
