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
            return (error as? Failure)?.message
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
