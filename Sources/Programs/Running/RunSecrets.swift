import InterlockCredentials
import InterlockDeployment
import InterlockPolicy

/// The values of a run's secrets, obtained at its start. They reach the sandbox through memory alone.
struct RunSecrets {
    private(set) var variables: [(name: String, value: String)] = []
    private(set) var files: [(name: String, content: [UInt8])] = []

    /// The provider of the deployment's folder of secrets, the only one of this version.
    private static let provider = "files"

    /// - Throws: `secret` if a secret cannot be read, which names it and never its value.
    init(_ secrets: [SandboxSecret], of deployment: Deployment) throws(RunRefusal) {
        for secret in secrets where secret.provider != Self.provider {
            throw .unsupported("secrets: the provider `\(secret.provider)` of `\(secret.name)`")
        }
        let source = SecretProvider(
            SecretSources(environmentPrefix: "", directory: deployment.secrets))
        for secret in secrets {
            let value: String
            do throws(KeyFailure) { value = try source.file(named: secret.source) } catch {
                throw RunRefusal(
                    RunExit.refused, "secret", "secrets: `\(secret.name)`: \(error.reason)",
                    help: error.help)
            }
            switch secret.form {
            case .env: variables.append((secret.name, value))
            case .file: files.append((secret.name, Array(value.utf8)))
            }
        }
    }
}
