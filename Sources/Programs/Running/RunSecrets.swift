import InterlockCommandLine
import InterlockCredentials
import InterlockEgress
import InterlockModel
import InterlockPolicy
import InterlockSandboxes
import InterlockTransport

/// The values of a run's secrets, obtained at its start from the sources of the deployment. They reach the sandbox
/// through memory alone; the keys of model providers do not reach it.
struct RunSecrets {
    private(set) var variables: [(name: String, value: String)] = []
    private(set) var files: [(name: String, content: [UInt8])] = []
    private(set) var providers: [ModelProvider] = []
    /// The values that are in no file of the deployment, by the names of their secrets: a search of the folder does not
    /// know them.
    private(set) var unfiled: [(name: String, value: [UInt8])] = []

    /// - Parameter broker: called only if the run gets a secret or has a model.
    /// - Throws: `secret` if a secret cannot be obtained, which names it and never its value.
    init(
        _ settings: RunSettings, broker: () throws(Failure) -> SecretProvider
    ) throws(RunRefusal) {
        let (secrets, models) = (settings.secrets, settings.policy.models)
        guard !secrets.isEmpty || !models.isEmpty else { return }
        var obtained: ObtainedSecrets
        do throws(Failure) { obtained = ObtainedSecrets(try broker()) } catch {
            throw RunRefusal(error)
        }
        defer { obtained.stop() }
        for secret in secrets {
            let value = try obtained.value(
                secret.source, from: secret.provider, of: "secrets: `\(secret.name)`")
            switch secret.form {
            case .env: variables.append((secret.name, value))
            case .file: files.append((secret.name, Array(value.utf8)))
            }
        }
        for model in models {
            let key = try obtained.value(
                model.source, from: model.provider, of: "models: the key of `\(model.name)`")
            providers.append(try Self.provider(model, key: key))
        }
        unfiled = obtained.unfiled
    }

    /// Refuses an exploratory run that would hold or use a secret of production (docs/specs/sandbox.md, section 3).
    static func check(
        _ settings: RunSettings, kind: SandboxRequest.Kind, _ production: ProductionSecrets
    ) throws(RunRefusal) {
        guard kind == .exploratory,
            let found = production.first(among: settings.secrets, settings.policy.models)
        else { return }
        throw RunRefusal(
            RunExit.refused, "production-secret",
            "\(found.entry) is `\(found.from)`, which is marked as production: "
                + "an exploratory run has none",
            help:
                "name a secret in the policy that is not of production, leave it out by `--secret`, or start a run of kind `task`"
        )
    }

    private static func provider(
        _ model: ModelProviderSpec, key: String
    ) throws(RunRefusal) -> ModelProvider {
        let upstream: ModelUpstream
        do throws(EgressRuleError) { upstream = try ModelUpstream(model) } catch {
            throw RunRefusal(
                RunExit.badPolicy, "bad-policy", "sandbox: models: \(error.detail)")
        }
        guard let provider = ModelProvider(upstream, key: key) else {
            throw RunRefusal(
                RunExit.refused, "secret",
                "models: the key of `\(model.name)`: expected 1 to 4096 bytes of visible ASCII without spaces"
            )
        }
        return provider
    }
}

/// The secrets of one launch, each of which is obtained once. This thread waits for them.
private struct ObtainedSecrets {
    private struct Origin: Hashable {
        let source: SecretSource
        let name: String
    }

    private let provider: SecretProvider
    private let loops = LoopGroup(count: 1, name: "secrets")
    private var values: [Origin: String] = [:]

    init(_ provider: SecretProvider) { self.provider = provider }

    var unfiled: [(name: String, value: [UInt8])] {
        values.filter { $0.key.source != .files }.sorted { $0.key.name < $1.key.name }
            .map { ($0.key.name, Array($0.value.utf8)) }
    }

    /// - Parameter part: the part of the sandbox that names it, for messages.
    mutating func value(
        _ name: String, from source: SecretSource, of part: String
    ) throws(RunRefusal) -> String {
        let origin = Origin(source: source, name: name)
        if let known = values[origin] { return known }
        let provider = provider
        let found = loops.blocking { () async -> Result<String, KeyFailure> in
            do throws(KeyFailure) {
                return .success(try await provider.secret(named: name, in: source))
            } catch { return .failure(error) }
        }
        switch found {
        case .success(let value):
            values[origin] = value
            return value
        case .failure(let error):
            throw RunRefusal(
                RunExit.refused, "secret", "\(part): \(error.reason)", help: error.help)
        }
    }

    func stop() { loops.stop() }
}
