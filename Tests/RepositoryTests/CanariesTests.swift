import InterlockTesting
import Testing

/// The table of known defects (`Tests/Canaries/canaries.toml`) fits the code, so that `make stress` can put each in.
struct CanariesTests {
    @Test func `the place of each known defect is in its file once`() throws {
        let rows = Repository.text(of: "Tests/Canaries/canaries.toml").split(separator: "\n[")
            .dropFirst()
        #expect(rows.count >= 30)
        for row in rows {
            let name = row.prefix { $0 != "]" }
            let file = try #require(value(of: "file", in: row), "\(name)")
            let line = try #require(value(of: "is", in: row), "\(name)")
            let parts = Repository.text(of: file).split(
                separator: line, omittingEmptySubsequences: false)
            #expect(parts.count == 2, "\(name): `\(line)` is \(parts.count - 1) times in \(file)")
        }
    }

    @Test(.requirement("R148")) func `each known pitfall is put into the program`() {
        let table = Repository.text(of: "Tests/Canaries/canaries.toml")
        let checks = Repository.text(of: "Sources/Gateway/SelfTest/Checks/DeploymentCheck.swift")
        let pitfalls = checks.split(separator: "\"").filter { $0.hasPrefix("pitfall-") }
        #expect(pitfalls.count == 9)
        for pitfall in pitfalls { #expect(table.contains("\n[\(pitfall)]\n"), "\(pitfall)") }
    }

    private func value(of key: String, in row: Substring) -> String? {
        guard let line = row.split(separator: "\n").first(where: { $0.hasPrefix("\(key) = \"") })
        else { return nil }
        return String(line.dropFirst(key.count + 4).dropLast()).replacing("\\\"", with: "\"")
    }
}
