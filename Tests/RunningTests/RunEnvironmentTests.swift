import InterlockModel
import InterlockSandbox
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

@Suite struct `The environment of a run` {
    private func variables(
        hasProxy: Bool = false, hasTerminal: Bool = false, caller: [String: String] = [:],
        secrets: [(name: String, value: String)] = [],
        _ change: (inout SandboxSettings) -> Void = { _ in }
    ) throws(RunRefusal) -> [String: String] {
        var settings = SandboxSettings.isolated
        change(&settings)
        let list = try RunEnvironment.variables(
            settings, hasProxy: hasProxy, hasTerminal: hasTerminal, caller: { caller[$0] },
            secrets: secrets)
        var all: [String: String] = [:]
        for (name, value) in list { all[name] = value }
        #expect(all.count == list.count, "each name once")
        return all
    }

    @Test(.requirement("R023"))
    func `it is built from nothing`() throws {
        let all = try variables(caller: ["AWS_PROFILE": "prod", "EDITOR": "vi"])
        #expect(
            all == [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/agent", "USER": "agent",
                "TMPDIR": "/tmp", "LANG": "C.UTF-8",
            ])
    }

    @Test(.requirement("R023"))
    func `clients find the model main by its route, and no key`() throws {
        let main = ModelProviderSpec(
            name: "main", upstream: "https://models.example", provider: .files, source: "models")
        let all = try variables(hasProxy: true) { $0.models = [main] }
        #expect(all["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:3128/model/main")
        #expect(all["OPENAI_BASE_URL"] == "http://127.0.0.1:3128/model/main/v1")
        #expect(all["ANTHROPIC_API_KEY"] == "not-a-key" && all["OPENAI_API_KEY"] == "not-a-key")
        let own = try variables(hasProxy: true) {
            $0.models = [main]
            $0.environment = ["OPENAI_BASE_URL": "http://127.0.0.1:3128/model/main"]
        }
        #expect(own["OPENAI_BASE_URL"] == "http://127.0.0.1:3128/model/main")
        let other = ModelProviderSpec(
            name: "other", upstream: "https://models.example", provider: .files, source: "models")
        #expect(try variables(hasProxy: true) { $0.models = [other] }["OPENAI_API_KEY"] == nil)
        #expect(try variables { $0.models = [main] }["OPENAI_API_KEY"] == nil)
    }

    @Test func `the policy adds, copies and replaces`() throws {
        let all = try variables(
            caller: ["EDITOR": "vi", "TERM": "xterm"], secrets: [("NPM_TOKEN", "s")]
        ) {
            $0.environment = ["LANG": "de_DE.UTF-8", "MODE": "test"]
            $0.passedVariables = ["EDITOR", "MISSING"]
        }
        #expect(all["LANG"] == "de_DE.UTF-8" && all["MODE"] == "test" && all["EDITOR"] == "vi")
        #expect(all["NPM_TOKEN"] == "s" && all["TERM"] == nil && all["MISSING"] == nil)
    }

    @Test func `a terminal has the kind of the caller's, if that is a name`() throws {
        #expect(
            try variables(hasTerminal: true, caller: ["TERM": "xterm-256color"])["TERM"]
                == "xterm-256color")
        for text in ["", "a b", "../x", "\u{1b}[0m", String(repeating: "x", count: 65)] {
            #expect(try variables(hasTerminal: true, caller: ["TERM": text])["TERM"] == nil)
        }
    }

    @Test func `the proxy has its names in both cases, and no exception`() throws {
        let all = try variables(hasProxy: true)
        for name in ["HTTP_PROXY", "https_proxy"] { #expect(all[name] == "http://127.0.0.1:3128") }
        #expect(all["ALL_PROXY"] == "socks5h://127.0.0.1:1080")
        #expect(all["NO_PROXY"]?.isEmpty == true && all["no_proxy"]?.isEmpty == true)
    }

    @Test(arguments: [
        ("API_KEY", true), ("github_token", true), ("DB_PASSWORD", true), ("MY_CREDS", true),
        ("OAUTH", true), ("Secrets", true), ("EDITOR", false), ("LANG", false), ("TOK_EN", false),
        ("GIT_AUTHOR_NAME", false), ("AUTHOR_KEY", true), ("AUTHORIZATION", true),
    ])
    func `names that look like secrets are not copied`(_ name: String, _ isSecret: Bool) throws {
        #expect(SandboxVariable.looksSecret(name) == isSecret)
        do throws(RunRefusal) {
            _ = try variables(caller: [name: "v"]) { $0.passedVariables = [name] }
            #expect(!isSecret)
        } catch {
            #expect(isSecret && error.outcome.reason == "secret-name" && error.outcome.code == 65)
        }
    }
}
