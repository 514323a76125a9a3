import InterlockTesting
import Testing

/// The store in SQL and the store as values do the same: random operations at both, from a printed seed.
@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct StoreModelTests {
    private func withCluster(_ body: (StoreCluster) async throws -> Void) async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        try await cluster.watch()
        try await body(cluster)
    }

    @Test(.requirement("R110"))
    func `units of limits are those of the model`() async throws {
        try await withCluster { cluster in
            var twin = try UnitTwin(cluster, .announced())
            for step in 0..<rounds(1_000) {
                try await twin.step()
                try #require(twin.faults == [], "step \(step)")
            }
            #expect(twin.grants > 10 && twin.refusals > 3)
        }
    }

    @Test(.requirement("R070"))
    func `runs are those of the model`() async throws {
        try await withCluster { cluster in
            var twin = try RunTwin(cluster, .announced())
            for step in 0..<rounds(1_000) {
                try await twin.step()
                try #require(twin.faults == [], "step \(step)")
            }
            #expect(twin.assignments > 10 && twin.refusals > 10)
        }
    }
}
