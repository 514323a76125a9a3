import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones

/// Measures single steps of a call in nanoseconds: decision, JSON, hash, signature.
///
///     bench-micro POLICY
///
/// POLICY is the policy folder of the example organisation. Prints one JSON object: the median of `rounds` rounds for
/// each step. Each round's result is used, so that the compiler cannot remove a step.
@main
enum Micro {
    static let rounds = 15

    static func main() throws {
        guard CommandLine.arguments.count == 2 else { throw Misuse.usage("bench-micro POLICY") }
        var results = JSONObject()
        let steps = try measureAll(policy: CommandLine.arguments[1]) + measureScale()
        for (name, nanoseconds) in steps {
            results[name] = .integer(Int64(nanoseconds.rounded()))
        }
        print(String(decoding: JSONValue.object(results).serialized(), as: UTF8.self))
    }

    private static func measureAll(policy path: String) throws -> [(String, Double)] {
        let policy = try compile(path)
        let read = try request(
            "support-triage", "tickets", "search", ["text": "lamp", "limit": 10])
        let refund = try request(
            "refunds", "billing", "refund_request",
            ["invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"])
        let denied = try request("support-triage", "crm", "delete_customer", ["id": "C-77"])
        let now = SystemClock().now.wall
        let facts = DecisionFacts()

        let message = Array(
            """
            {"jsonrpc":"2.0","id":4711,"method":"tools/call","params":{"name":"billing__refund_request",\
            "arguments":{"invoice_id":"INV-20931","amount_cents":42000,"currency":"EUR","note":"glass of the \
            lamp was cracked on arrival, photographs are attached to the ticket"}}}
            """.utf8)
        let tree = try JSONValue(parsing: message, limits: .agent)
        let hashing = OpenSSLHashing()
        let leaf = [UInt8](repeating: UInt8(ascii: "x"), count: 600)
        guard
            let key = Ed25519PrivateKey(
                seed: [UInt8](repeating: 7, count: Ed25519PrivateKey.seedCount))
        else { throw Misuse.key }
        let signature = key.sign(leaf)
        let publicKey = key.publicKey.bytes
        let verifier = OpenSSLVerifier()

        return [
            ("decide_read", measure(20_000) { policy.decide(read, facts: facts, now: now).quorum }),
            (
                "decide_approve_2",
                measure(20_000) { policy.decide(refund, facts: facts, now: now).quorum }
            ),
            (
                "decide_forbid",
                measure(20_000) { policy.decide(denied, facts: facts, now: now).rule.utf8.count }
            ),
            (
                "json_parse_\(message.count)_bytes",
                measure(20_000) {
                    (try? JSONValue(parsing: message, limits: .agent)) == nil ? 1 : 0
                }
            ),
            ("json_canonical", measure(20_000) { (try? tree.canonical())?.count ?? 0 }),
            ("sha256_600_bytes", measure(50_000) { hashing.sha256(leaf).bytes.count }),
            ("ed25519_sign", measure(500) { key.sign(leaf).count }),
            (
                "ed25519_verify",
                measure(500) { verifier.verifies(signature, of: leaf, by: publicKey) ? 1 : 0 }
            ),
        ]
    }

    /// Measures guards, and a large policy from its bytes to its first decision.
    private static func measureScale() throws -> [(String, Double)] {
        let engines = PolicyEngines(patterns: RE2Compiler(), zones: SystemZones())
        let now = Timestamp(microseconds: 1_795_169_731_500_000)
        func snapshot(_ scale: PolicyScale) throws -> PolicySnapshot {
            try PolicySnapshot(
                compiling: scale.document(), with: engines, at: now, hashing: OpenSSLHashing())
        }
        let policy = try snapshot(.compared)
        let facts = DecisionFacts(effectiveStage: .trusted)
        let read = try request("a7", "s3", "t1", ["amount": 200])
        let write = try request(
            "a7", "s3", "t7", ["amount": 200, "environment": "staging", "note": "because"])
        let items = JSONValue.array((0..<70).map { .integer($0) })
        let costly = try request("a0", "s3", "t7", ["items": items])
        let steps = [
            ("read", read, 20_000), ("guarded_write", write, 20_000), ("costly_guard", costly, 200),
        ]
        var rows = steps.map { name, request, times in
            (
                "scale_decide_" + name,
                measure(times) { policy.decide(request, facts: facts, now: now).guards.count }
            )
        }
        rows.append(
            (
                "scale_read_10000_agents",
                try measureOnce { _ = try PolicyScale.large.document() }
            ))
        rows.append(("scale_load_10000_agents", try measureOnce { _ = try snapshot(.large) }))
        return rows
    }

    private static func compile(_ path: String) throws -> PolicySnapshot {
        let reading = try PolicyReader.read(path)
        for finding in reading.findings.reported { fputs(finding.text + "\n") }
        guard let document = reading.document else { throw Misuse.policy }
        let snapshot = try PolicySnapshot(
            compiling: document,
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: SystemClock().now.wall, hashing: OpenSSLHashing())
        for finding in snapshot.findings { fputs(finding.text + "\n") }
        return snapshot
    }

    private static func request(
        _ agent: String, _ server: String, _ tool: String, _ arguments: JSONObject
    ) throws -> DecisionRequest {
        guard let agent = AgentName(agent), let server = ServerName(server),
            let tool = ToolName(tool)
        else { throw Misuse.policy }
        return DecisionRequest(
            agent: agent, address: ToolAddress(server: server, tool: tool),
            arguments: .object(arguments))
    }

    /// The duration of one slow operation, in nanoseconds.
    private static func measureOnce(_ body: () throws -> Void) rethrows -> Double {
        let (seconds, attoseconds) = try ContinuousClock().measure(body).components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }

    /// The median of the rounds, in nanoseconds per call of the body.
    private static func measure(_ times: Int, _ body: () -> Int) -> Double {
        var used = 0
        let clock = ContinuousClock()
        let found = (0..<rounds).map { _ in
            let took = clock.measure { for _ in 0..<times { used &+= body() } }
            let (seconds, attoseconds) = took.components
            return (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(times)
        }
        precondition(used != Int.min)
        return found.sorted()[rounds / 2]
    }

    private static func fputs(_ text: String) {
        _ = unsafe text.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
    }
}

enum Misuse: Error {
    case usage(String)
    case refused(String)
    case policy
    case key
}
