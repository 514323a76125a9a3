import Glibc
import InterlockCredentials
import InterlockModel
import InterlockSandboxes
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The values of a run's secrets (docs/specs/sandbox.md, sections 3 and 8).
@Suite(.serialized) struct `Secrets of a run` {
    private static let prefix = "INTERLOCK_TEST_RUN_SECRET_"

    private func settings(
        _ secrets: [SandboxSecret], models: [ModelProviderSpec] = []
    ) -> RunSettings {
        var settings = SandboxSettings.isolated
        settings.secrets = secrets
        settings.models = models
        return RunSettings(settings)
    }

    private func provider(
        _ command: @escaping SecretCommand = { _, _ in .failure(KeyFailure(.late, "too late")) }
    ) -> SecretProvider {
        SecretProvider(
            SecretSources(
                environmentPrefix: Self.prefix, directory: "/nonexistent",
                commands: ["printed": ["/bin/x"]]), command: command)
    }

    private func refusal(_ settings: RunSettings, _ provider: SecretProvider) -> RunOutcome? {
        do throws(RunRefusal) {
            _ = try RunSecrets(settings) { provider }
            return nil
        } catch { return error.outcome }
    }

    @Test(.requirement("R023", "R082"))
    func `come from the source that the policy names, each once`() throws {
        unsafe setenv(Self.prefix + "A_B", "of the environment", 1)
        defer { unsafe unsetenv(Self.prefix + "A_B") }
        let count = Mutex(0)
        let provider = provider { argv, limit in
            count.withLock { $0 += 1 }
            return .success(Array("\(argv[0])-\(limit)\n".utf8))
        }
        let printed = "/bin/x-16384"
        let secrets = try RunSecrets(
            settings(
                [
                    SandboxSecret(name: "A", provider: .env, source: "a-b", form: .env),
                    SandboxSecret(name: "P", provider: .commands, source: "printed", form: .env),
                    SandboxSecret(name: "p", provider: .commands, source: "printed", form: .file),
                ],
                models: [
                    ModelProviderSpec(
                        name: "main", upstream: "https://models.example", provider: .commands,
                        source: "printed")
                ])
        ) { provider }
        #expect(secrets.variables.map(\.name) == ["A", "P"])
        #expect(secrets.variables.map(\.value) == ["of the environment", printed])
        #expect(secrets.files.map(\.name) == ["p"])
        #expect(secrets.files.map(\.content) == [Array(printed.utf8)])
        #expect(secrets.providers.count == 1)
        // A search of the folder of secrets does not know these values.
        #expect(secrets.unfiled.map(\.name) == ["a-b", "printed"])
        #expect(count.withLock { $0 } == 1)
    }

    @Test func `a run without secrets asks no source`() throws {
        let asked = Mutex(false)
        let secrets = try RunSecrets(settings([])) {
            asked.withLock { $0 = true }
            return provider()
        }
        #expect(secrets.variables.isEmpty && secrets.files.isEmpty && secrets.providers.isEmpty)
        #expect(!asked.withLock { $0 })
    }

    @Test(arguments: SecretSource.allCases)
    func `what its source cannot give is refused by name, and no other source is asked`(
        _ source: SecretSource
    ) throws {
        // Another source has it.
        let other = source == .env ? "MISSING_TOO" : "MISSING"
        unsafe setenv(Self.prefix + other, "of another source", 1)
        defer { unsafe unsetenv(Self.prefix + other) }
        let secret = SandboxSecret(name: "KEY", provider: source, source: "missing", form: .env)
        let outcome = try #require(refusal(settings([secret]), provider()))
        #expect(outcome.code == 77 && outcome.reason == "secret" && outcome.help != nil)
        let message = outcome.message ?? ""
        #expect(message.hasPrefix("secrets: `KEY`: ") && message.contains("`missing`"))
        #expect(!message.contains("of another source"))
    }

    @Test func `a program that fails ends the launch`() throws {
        let secret = SandboxSecret(
            name: "KEY", provider: .commands, source: "printed", form: .file)
        let outcome = try #require(refusal(settings([secret]), provider()))
        #expect(outcome.code == 77 && outcome.message?.hasSuffix("too late") == true)
        let key = try #require(
            refusal(
                settings(
                    [],
                    models: [
                        ModelProviderSpec(
                            name: "main", upstream: "https://models.example", provider: .commands,
                            source: "printed")
                    ]), provider { _, _ in .success(Array("two words".utf8)) }))
        #expect(key.reason == "secret" && key.message?.contains("two words") == false)
    }

    @Test(.requirement("R025"))
    func `an exploratory run with one of production is refused, and a task is not`() throws {
        let secrets = settings([
            SandboxSecret(name: "A", provider: .files, source: "a", form: .env),
            SandboxSecret(name: "KEY", provider: .files, source: "prod-key", form: .file),
        ])
        let production = ProductionSecrets(["prod-key"])
        try RunSecrets.check(secrets, kind: .task, production)
        try RunSecrets.check(secrets, kind: .eval, production)
        try RunSecrets.check(secrets, kind: .exploratory, ProductionSecrets())
        var narrowed = secrets
        narrowed.secrets.removeLast()
        try RunSecrets.check(narrowed, kind: .exploratory, production)
        do throws(RunRefusal) {
            try RunSecrets.check(secrets, kind: .exploratory, production)
            Issue.record("it was not refused")
        } catch {
            #expect(error.outcome.code == 77 && error.outcome.reason == "production-secret")
            #expect(error.outcome.message?.contains("`KEY` is `files:prod-key`") == true)
            #expect(error.outcome.help?.contains("--secret") == true)
        }
    }
}
