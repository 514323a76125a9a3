import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockPolicy
import InterlockYAML
import Testing

@testable import interlock

@Suite struct ConfigurationTests {
    private func read(_ text: String) throws -> Configuration {
        let reading = readYAML(Array(text.utf8), file: "interlock.yaml")
        guard let root = reading.root else {
            throw Failure(.data, reading.findings.first?.text ?? "nothing was read")
        }
        return try ConfigurationFile.read(root, file: "interlock.yaml")
    }

    private func message(of text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return (error as? ConfigurationError)?.message ?? (error as? Failure)?.message
        }
    }

    @Test func `the file that init writes reads back as it was`() throws {
        var configuration = Configuration()
        configuration.ledger.origin = "acme/gw1/2026"
        configuration.mcp.origins = ["http://localhost:3000"]
        configuration.mcp.hold = .seconds(90)
        configuration.ledger.hardMark = 3 << 20
        let text = ConfigurationFile.text(of: configuration)
        #expect(ConfigurationFile.text(of: try read(text)) == text)
    }

    @Test func `a console's address alone says for whom passkeys are made`() throws {
        let console = try #require(
            try read(
                "approval_service:\n  console: {url: \"https://Interlock.example/\"}\n"
            ).approvals.console)
        #expect(console.url == "https://interlock.example")
        #expect(console.party?.id == "interlock.example")
        #expect(console.party?.origins == ["https://interlock.example"])
        #expect(console.problem == nil)
        #expect(try read("approval_service:\n  console: {}\n").approvals.console == nil)
    }

    @Test func `a console is written as it was read`() throws {
        var configuration = try read(
            """
            approval_service:
              console: {url: "https://a.interlock.example", rp_id: interlock.example, \
            origins: ["https://a.interlock.example", "https://b.interlock.example:8443"]}

            """)
        configuration.ledger.origin = "acme/gw1/2026"
        let text = ConfigurationFile.text(of: configuration)
        #expect(
            text.contains("rp_id: interlock.example, origins: [\"https://a.interlock.example\", "))
        #expect(ConfigurationFile.text(of: try read(text)) == text)
    }

    @Test(arguments: ["https://10.1.2.3:8443", "https://[::1]", "https://interlock"])
    func `a console without a domain name is said to take no passkeys`(_ url: String) throws {
        let read = try read("approval_service:\n  console: {url: \"\(url)\"}\n")
        let console = try #require(read.approvals.console)
        #expect(console.party == nil)
        #expect(console.problem?.contains(url) == true)
    }

    @Test(arguments: [
        "{url: \"http://interlock.example\"}", "{url: \"http://127.0.0.1:7401\"}",
        "{url: \"https://interlock.example/inbox\"}", "{rp_id: interlock.example}", "[]",
        "{url: \"https://a.example\", rp_id: b.example}",
        "{url: \"https://a.example\", rp_id: 10.0.0.1}",
        "{url: \"https://a.example\", origins: [\"https://b.a.example\"]}",
        "{url: \"https://a.example\", origins: [\"https://a.example\", \"https://b.example\"]}",
        "{url: \"https://a.example\", name: x}",
    ])
    func `a console that browsers could not be trusted at is refused`(_ console: String) {
        #expect(
            message(of: "approval_service:\n  console: \(console)\n")?
                .hasPrefix("interlock.yaml:2:12 `console` must be a map") == true)
    }

    @Test func `secrets of production are names`() throws {
        let text = "ledger:\n  origin: o\nsecrets:\n  production: [npm-publish, MODELS_PROD]\n"
        let configuration = try read(text)
        #expect(configuration.secrets.production == ["npm-publish", "MODELS_PROD"])
        let written = ConfigurationFile.text(of: configuration)
        #expect(ConfigurationFile.text(of: try read(written)) == written)
        for list in ["[a/b]", "[\"files:npm\"]", "npm", "[[a]]"] {
            #expect(
                message(of: "secrets:\n  production: \(list)\n")
                    == "interlock.yaml:2:15 `production` must be a list of names of secrets, never the secrets themselves"
            )
        }
    }

    @Test func `what is not written keeps its default`() throws {
        #expect(try read("mcp:\n  hold: 5s\n").mcp.hold == .seconds(5))
        #expect(try read("mcp:\n  hold: 5s\n").mcp.maxBody == 4 << 20)
    }

    @Test func `strengths of tools and short times are written as they were read`() throws {
        let text = ConfigurationFile.text(
            of: try read(
                "ledger:\n  origin: o\n  durability: {tickets__close: D2, crm__look: D1, crm__resource:note: D2, crm__prompt:greet: D1}\n  quorum_time: 300ms\n"
            ))
        #expect(
            text.contains(
                "durability: {crm__look: D1, crm__prompt:greet: D1, crm__resource:note: D2, tickets__close: D2}"
            ))
        #expect(text.contains("quorum_time: 300ms"))
        #expect(ConfigurationFile.text(of: try read(text)) == text)
    }

    @Test(arguments: [
        ("mpc:\n  hold: 5s\n", "interlock.yaml:1:1 `mpc` is no section"),
        ("mcp:\n  hodl: 5s\n", "interlock.yaml:2:3 `hodl` is no key of `mcp`"),
        (
            "mcp:\n  hold: 0s\n",
            "interlock.yaml:2:9 `hold` must be a duration from 1s to 3600s, such as 45s or 10m"
        ),
        (
            "mcp:\n  json_depth: 4000\n",
            "interlock.yaml:2:15 `json_depth` must be an integer from 8 to 128"
        ),
        (
            "ledger:\n  hard_mark: -1\n",
            "interlock.yaml:2:14 `hard_mark` must be a size such as 4MiB"
        ),
        (
            "ledger:\n  hard_mark: 99999999999GiB\n",
            "interlock.yaml:2:14 `hard_mark` must be a size such as 4MiB"
        ),
        (
            "ledger:\n  quorum_time: 50ms\n",
            "interlock.yaml:2:16 `quorum_time` must be a duration from 100ms to 30s, such as 500ms or 2s"
        ),
        (
            "ledger:\n  durability: {tickets__close: D0}\n",
            "interlock.yaml:2:15 `durability` must be `D1` or `D2` for each tool"
        ),
        (
            "ledger:\n  durability: {close: D2}\n",
            "interlock.yaml:2:15 `durability` must be keyed by tools, such as tickets__close, or tickets__resource:note"
        ),
    ])
    func `what does not fit is refused with its place`(_ text: String, _ expected: String) {
        #expect(message(of: text) == expected)
    }
}
