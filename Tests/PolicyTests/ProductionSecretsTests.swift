import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Secrets that no exploratory run has (docs/specs/sandbox.md, section 3).
@Suite(.requirement("R025")) struct `Secrets of production` {
    private let marked = ProductionSecrets(["npm-publish", "models_prod"])

    private func secret(
        _ name: String, _ provider: SecretSource, _ source: String
    ) -> SandboxSecret { SandboxSecret(name: name, provider: provider, source: source, form: .env) }

    private func model(_ name: String, _ provider: SecretSource, _ key: String) -> ModelProviderSpec
    {
        ModelProviderSpec(
            name: name, upstream: "https://models.example", provider: provider, source: key)
    }

    @Test(arguments: SecretSource.allCases)
    func `a mark holds at every source`(_ source: SecretSource) {
        let found = marked.first(
            among: [secret("A", source, "npm"), secret("TOKEN", source, "npm-publish")], [])
        #expect(found?.entry == "secrets: `TOKEN`")
        #expect(found?.from == "\(source.rawValue):npm-publish")
    }

    /// The variable of two such names is one, and so would be a file of a file system that ignores case.
    @Test(arguments: ["NPM_PUBLISH", "npm_publish", "Npm-Publish", "models-prod", "MODELS_PROD"])
    func `another writing of a marked name is marked`(_ name: String) {
        #expect(marked.contains(name))
    }

    @Test(arguments: ["npm", "npm-publish2", "npmpublish", "npm.publish", "", "npm--publish"])
    func `another name is not`(_ name: String) { #expect(!marked.contains(name)) }

    @Test func `the name inside does not count`() {
        #expect(marked.first(among: [secret("npm-publish", .files, "npm")], []) == nil)
    }

    @Test func `the key of a model counts`() {
        let found = marked.first(
            among: [secret("A", .files, "a")],
            [model("local", .files, "local"), model("main", .commands, "models-prod")])
        #expect(found?.entry == "models: the key of `main`")
        #expect(found?.from == "commands:models-prod")
        #expect(marked.first(among: [], [model("main", .files, "models")]) == nil)
    }

    @Test func `without a mark all are usual`() {
        let none = ProductionSecrets()
        #expect(none.first(among: [secret("A", .env, "npm-publish")], []) == nil)
    }
}
