import InterlockCredentials
import InterlockDeployment
import InterlockEgress
import InterlockPolicy
import InterlockSandboxes
import InterlockTransport

/// The values of a run's secrets, obtained at its start. They reach the sandbox through memory alone; the keys of model
/// providers do not reach it.
struct RunSecrets {
    private(set) var variables: [(name: String, value: String)] = []
    private(set) var files: [(name: String, content: [UInt8])] = []
    private(set) var providers: [ModelProvider] = []

    /// The provider of the deployment's folder of secrets, the only one of this version.
    private static let provider = "files"

    /// - Throws: `secret` if a secret cannot be read, which names it and never its value.
    init(
        _ secrets: [SandboxSecret], models: [ModelProviderSpec], of deployment: Deployment
    ) throws(RunRefusal) {
        for secret in secrets where secret.provider != Self.provider {
            throw .unsupported("secrets: the provider `\(secret.provider)` of `\(secret.name)`")
        }
        for model in models where model.provider != Self.provider {
            throw .unsupported("models: the provider `\(model.provider)` of `\(model.name)`'s key")
        }
        let source = SecretProvider(
            SecretSources(environmentPrefix: "", directory: deployment.secrets))
        for secret in secrets {
            let value = try Self.value(secret.source, from: source, of: "secrets: `\(secret.name)`")
            switch secret.form {
            case .env: variables.append((secret.name, value))
            case .file: files.append((secret.name, Array(value.utf8)))
            }
        }
        for model in models {
            let part = "models: the key of `\(model.name)`"
            let key = try Self.value(model.source, from: source, of: part)
            let upstream: ModelUpstream
            do throws(EgressRuleError) { upstream = try ModelUpstream(model) } catch {
                throw RunRefusal(
                    RunExit.badPolicy, "bad-policy", "sandbox: models: \(error.detail)")
            }
            guard let provider = ModelProvider(upstream, key: key) else {
                throw RunRefusal(
                    RunExit.refused, "secret",
                    "\(part): expected 1 to 4096 bytes of visible ASCII without spaces")
            }
            providers.append(provider)
        }
    }

    private static func value(
        _ name: String, from source: SecretProvider, of part: String
    ) throws(RunRefusal) -> String {
        do throws(KeyFailure) { return try source.file(named: name) } catch {
            throw RunRefusal(
                RunExit.refused, "secret", "\(part): \(error.reason)", help: error.help)
        }
    }
}
