import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockTesting
import InterlockYAML
import InterlockZones
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// A time at which the example policy has no findings.
let exampleTime = Timestamp(rfc3339: "2026-11-20T09:00:00Z") ?? Timestamp(microseconds: 0)

let testEngines = PolicyEngines(patterns: RE2Compiler(), zones: SystemZones())

/// Compiles `Examples/policies/acme.yaml` with the first occurrence of each pair's first part replaced by its second.
func acme(_ changes: (String, String)..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> PolicySnapshot
{
    let path = TestFiles.root(from: #filePath) + "/Examples/policies/acme.yaml"
    let bytes = try #require(TestFiles.read(path), sourceLocation: sourceLocation)
    var text = String(decoding: bytes, as: UTF8.self)
    for (old, new) in changes {
        let range = try #require(
            text.firstRange(of: old), "`\(old)` stands in no line", sourceLocation: sourceLocation)
        text.replaceSubrange(range, with: new)
    }
    return try compiled(text, sourceLocation: sourceLocation)
}

func compiled(
    _ text: String, lock: PolicyLock? = nil, at now: Timestamp = exampleTime,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> PolicySnapshot {
    let file = PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))
    let reading = PolicyReader.read([file])
    let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
    let document = try #require(
        reading.document, Comment(rawValue: problems), sourceLocation: sourceLocation)
    return try PolicySnapshot(
        compiling: document, lock: lock.map { .read($0) } ?? .ignored, with: testEngines, at: now,
        hashing: FoldingHash())
}

/// Compiles a policy of one agent, `clerk`, and of one server, `kb`, whose tools only read.
///
/// - Parameters:
///   - scopes: what the agent is granted of the server.
///   - rest: further sections.
func oneClerk(tools: [String], scopes: String, rest: String = "") throws -> PolicySnapshot {
    try compiled(
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          kb:
            tools:
        \(tools.map { "      \($0): {class: read}" }.joined(separator: "\n"))
        agents:
          clerk:
            purpose: Answers
            owner: ada@acme.example
            tier: low
            stage: supervised
            review_by: "2027-02-01"
            mcp_scopes:
              kb: \(scopes)
        \(rest)
        """)
}

/// A fast hash that only distinguishes the inputs of these tests.
struct FoldingHash: Hashing {
    func sha256(_ bytes: Span<UInt8>) -> Digest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, UInt64(bytes.count))
        for index in bytes.indices {
            words.0 = (words.0 ^ UInt64(bytes[index])) &* 0x100_0000_01b3
            words.1 = words.1 &+ words.0
            words.2 ^= words.1 &* 31
        }
        return Digest(words: words)
    }
}

func lines(_ old: PolicySnapshot, _ new: PolicySnapshot, agent: String? = nil) -> [String] {
    PolicyComparison.compare(old, new, at: exampleTime, agent: agent.flatMap { AgentName($0) })
        .differences.map(\.text)
}
