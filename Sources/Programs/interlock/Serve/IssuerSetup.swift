import InterlockGateway
import InterlockKeys
import InterlockModel
import InterlockTransport
import Synchronization

/// The outside issuers of this deployment, and the task that fetches their keys. Without any there is
/// neither.
final class IssuerSetup: Sendable {
    let tokens: OutsideTokens?
    private let watch = Mutex<Task<Void, Never>?>(nil)

    /// Of one fetch, from start to end.
    private static let fetchLimit = Duration.seconds(10)

    init(_ configuration: Configuration, loops: LoopGroup) {
        let settings = configuration.authorization
        guard !settings.issuers.isEmpty else {
            tokens = nil
            return
        }
        let clients = HTTPClients(loops: loops)
        let failing = Mutex<Set<String>>([])
        tokens = OutsideTokens(
            settings.issuers,
            times: KeySetTimes(
                refresh: settings.refresh, retry: settings.retry, maximumAge: settings.maximumAge),
            audience: configuration.listeners.audience, hashing: OpenSSLHashing(),
            clock: SystemClock(), entropy: SystemEntropy(),
            fetch: { await Self.fetch($0, clients) },
            report: { event in
                guard let line = failing.withLock({ Self.line(of: event, &$0) }) else { return }
                log(line)
            })
    }

    /// Off the call path; ends with `stop`.
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
        _ url: String, _ clients: HTTPClients
    ) async -> Result<[UInt8], KeyFailure> {
        let request = ClientRequest(
            method: "GET", url: url,
            headers: [("accept", "application/jwk-set+json, application/json")],
            idleLimit: fetchLimit, hardLimit: fetchLimit,
            responseLimitBytes: KeySet.largestBytes)
        switch await clients.onLoop({ await $0.send(request) }) {
        case .success(let response) where response.head.status == 200:
            return .success(response.body)
        case .success(let response):
            return .failure(KeyFailure(.io, "the answer has status \(response.head.status)"))
        case .failure(let failure): return .failure(KeyFailure(.io, failure.reason))
        }
    }

    /// A line for each change from good to bad and back, not for each look.
    private static func line(of event: IssuerEvent, _ failing: inout Set<String>) -> String? {
        switch event {
        case .keys(let issuer, let count):
            guard failing.remove(issuer) != nil else { return nil }
            return "issuer \(issuer): \(count) keys, after a failure"
        case .failed(let issuer, let reason):
            guard failing.insert(issuer).inserted else { return nil }
            return
                "issuer \(issuer): its keys cannot be fetched: \(TerminalText.shown(reason)); tokens with known keys count until `authorization.max_age`"
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
