import InterlockConfiguration
import InterlockCredentials
import InterlockTracing
import InterlockTransport

/// The configured collector, which gets spans by HTTP.
struct TraceCollector: Sendable {
    let settings: CollectorSettings
    let fetcher: DocumentFetcher
    let secrets: SecretProvider
    /// The name of the log.
    let origin: String
    /// The version of this program.
    let program: String

    func send(_ spans: [CallSpan]) async -> CollectorResponse {
        var headers: [(name: String, value: String)] = []
        for header in settings.headers {
            let value: String
            do throws(KeyFailure) { value = try await secrets.secret(named: header.secret) } catch {
                return .later(after: nil, reason: error.reason)
            }
            guard Self.isSent(value) else {
                return .later(
                    after: nil, reason: "secret `\(header.secret)` cannot be the value of a header")
            }
            headers.append((header.name, value))
        }
        let body = TraceRequest(spans, origin: origin, program: program).body
        switch await fetcher.post(body, to: settings.url, headers) {
        case .success(let response):
            return CollectorResponse(
                status: response.status, body: response.body,
                retryAfterSeconds: response.retryAfterSeconds)
        case .failure(let failure) where failure.kind == .tooLarge:
            // The collector has the spans; only its response is useless.
            return .refused(reason: failure.reason)
        case .failure(let failure): return .later(after: nil, reason: failure.reason)
        }
    }

    /// The client leaves out headers with other bytes without a word.
    private static func isSent(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }
}
