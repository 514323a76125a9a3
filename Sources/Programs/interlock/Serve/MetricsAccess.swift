import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockModel
import InterlockPorts

/// The token of `metrics.token`, read from the sources of `secrets`.
struct MetricsAccess: Sendable {
    /// Is nil if no token is configured.
    let token: MetricsToken?
    private let name: String
    private let secrets: SecretProvider

    init(_ configuration: Configuration, secrets: SecretProvider) {
        name = configuration.metrics.token
        self.secrets = secrets
        token = name.isEmpty ? nil : MetricsToken(hashing: OpenSSLHashing())
    }

    /// - Throws: exit 65 with setting, cause and remedy; a token that was read before stays valid.
    func read() async throws(Failure) {
        guard let token else { return }
        let text: String
        do throws(KeyFailure) { text = try await secrets.secret(named: name) } catch {
            throw Failure(.data, "`metrics.token`: \(error.reason)", help: error.help)
        }
        guard token.replace(with: text) else {
            throw Failure(
                .data,
                "`metrics.token`: secret `\(name)` has fewer than \(MetricsToken.leastBytes) bytes",
                help: "make one with `openssl rand -hex 32`")
        }
    }

    /// Reads the token again and keeps the old one on any error.
    func reload() async {
        do throws(Failure) { try await read() } catch {
            log("the old metrics token stays: \(error.message)", .warning, part: "metrics")
        }
    }
}
