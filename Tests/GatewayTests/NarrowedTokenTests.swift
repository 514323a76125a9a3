import InterlockJSON
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A token with fewer scopes than the policy grants: the capabilities and lists that its client sees.
@Suite struct `A narrowed token` {
    private static let lists = [
        "tools/list", "resources/list", "resources/templates/list", "prompts/list",
    ]

    /// Each response in both eras, as it is sent.
    private func answers(_ bench: Bench, _ bearer: String) async throws -> [String: [UInt8]] {
        var answers: [String: [UInt8]] = [:]
        func add(_ method: String, _ message: JSONValue?) throws {
            answers[method] = try #require(message, "\(method)").serialized()
        }
        let stranger = Client.sessionless(bench, as: bearer)
        try add(
            "initialize",
            await stranger.send(
                "initialize", id: 1,
                [
                    "protocolVersion": "2025-11-25", "capabilities": [:],
                    "clientInfo": ["name": "test", "version": "1"],
                ]
            ).message)
        let modern = ModernClient(bench: bench, bearer: bearer)
        for method in ["server/discover"] + Self.lists {
            try add(method, await modern.send(modern.request(method)).message)
        }
        let legacy = try await Client.open(bench, as: bearer)
        for method in Self.lists {
            try add("legacy " + method, await legacy.send(method, id: 5, [:]).message)
        }
        return answers
    }

    @Test func `that is not for a server's resources and prompts reads as if it had none`()
        async throws
    {
        let narrowed = try await answers(try OfferBench.bench(), "clerk|desk:look")
        let without = try await answers(try Bench(), "clerk|desk:look")
        #expect(Set(narrowed.keys) == Set(without.keys))
        for (method, answer) in narrowed.sorted(by: { $0.key < $1.key }) {
            let text = String(decoding: answer, as: UTF8.self)
            #expect(answer == without[method], "\(method): \(text)")
        }
    }

    @Test func `sees what it is for`() async throws {
        let bench = try OfferBench.bench()
        func capabilities(_ bearer: String) async -> [String] {
            let modern = ModernClient(bench: bench, bearer: bearer)
            let found = await modern.send(modern.request("server/discover")).message
            return (found?["result"]?["capabilities"]?.object?.members ?? []).map(\.key).sorted()
        }
        #expect(
            await capabilities("clerk")
                == ["completions", "logging", "prompts", "resources", "tools"])
        #expect(
            await capabilities("clerk|desk:read")
                == ["completions", "logging", "prompts", "resources", "tools"])
        #expect(await capabilities("clerk|desk:look") == ["logging", "tools"])
        #expect(await capabilities("clerk|other:read") == ["logging"])
    }
}
