import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Servers whose list of something other than tools cannot be used.
@Suite(.serialized, .timeLimit(.minutes(1))) struct OptionalListTests {
    private static func upstream(templates: JSONValue) -> FakeUpstream {
        let upstream = FakeUpstream(
            onInitialize: FakeUpstream.initialized(with: ["tools": [:], "resources": [:]]))
        upstream.templates.withLock { $0 = templates }
        return upstream
    }

    @Test(
        arguments: [
            [:], ["resourceTemplates": [:]], ["resourceTemplates": [], "nextCursor": 7],
            ["templates": []],
        ] as [JSONValue])
    func `a malformed list over HTTP is left out, and the tools are there`(
        templates: JSONValue
    ) async throws {
        try await HTTPUpstreamTests.withUpstream(Self.upstream(templates: templates)) { pool in
            guard case .ready(_, let tools) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(tools.count == 3)
            #expect(pool.offers(of: try Names.server()).templates.isEmpty)
        }
    }

    @Test func `a malformed list over stdio is left out, reported, and the tools are there`()
        async throws
    {
        try await StdioUpstreamTests.withServer(["--resources", "--malformed"]) {
            pool, _, reports in
            guard case .ready(_, let tools) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(tools.count == 12)
            #expect(reports.contains("its list of resource templates is left out"))
        }
    }
}
