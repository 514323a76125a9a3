import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// A damaged policy text gives either a policy or findings located inside the file.
@Suite struct RobustnessTests {
    @Test func `A damaged policy is read or refused, and places stay inside the file`() throws {
        let seed = testSeed()
        var random = Congruence(state: seed)
        let original = try example("acme.yaml").bytes
        let alphabet = Array(" :-[]{}\"'|,#*a1.\n".utf8)
        for round in 0..<rounds(300) {
            var bytes = original
            for _ in 0...random.number(3) {
                let place = random.number(bytes.count)
                switch random.number(3) {
                case 0: bytes[place] = alphabet[random.number(alphabet.count)]
                case 1: bytes.remove(at: place)
                default: bytes.insert(alphabet[random.number(alphabet.count)], at: place)
                }
            }
            let file = PolicyFile(path: "acme.yaml", role: .single, bytes: bytes)
            let reading = PolicyReader.read([file])
            #expect((reading.document == nil) == reading.findings.hasErrors)
            let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            for finding in reading.report(with: testEngines, at: exampleTime) {
                let line = finding.place.line
                #expect((1...lines.count + 1).contains(line), "seed \(seed), round \(round)")
                #expect(!finding.text.contains("\n\n"), "seed \(seed), round \(round)")
                if (1...lines.count).contains(line) {
                    let width = lines[line - 1].count + 1
                    #expect(finding.place.column <= width, "seed \(seed), round \(round)")
                }
            }
            if let document = reading.document {
                _ = try? PolicySnapshot(
                    compiling: document, with: testEngines, at: exampleTime,
                    hashing: OpenSSLHashing())
            }
        }
    }

    @Test func `A thousand agents compile, and lints of all of them hold`() throws {
        var text = "interlock: 1\norg: acme\nservers:\n  desk:\n    tools:\n"
        for index in 0..<200 { text += "      t\(index): {class: read}\n" }
        text += "agents:\n"
        for index in 0..<1000 { text += "  a\(index): {mcp_scopes: {desk: [t\(index % 200)]}}\n" }
        let policy = try snapshot(text)
        #expect(policy.agents.count == 1000)
        #expect(policy.agents.values.count { $0.incomplete.contains("L101") } == 1000)
        #expect(
            PolicyReader.read(policyFiles(text)).report(with: testEngines, at: exampleTime).count
                == 200)
        let decision = try policy.decision("a999", "desk.t199")
        #expect(decision.reason == .incomplete && decision.wouldBe == .allow)
    }
}

private struct Congruence {
    var state: UInt64

    mutating func number(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
