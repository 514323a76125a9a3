import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// The rows of a request and its votes.
struct StoredRequestTests {
    private static let request: [StoreColumn] = [
        .text(CallCase.request.text), .text("1"), .text("3"), .text("approved"), .text("2"),
        .text("0"), .text("refunds"), .text(CallCase.run.text), .text("1795219200000000"),
        .text("gw1"), .bytes([1]),
    ]

    private static func vote(_ person: String) -> [StoreColumn] {
        [
            .text("1"), .text(person), .text("acme.example/gw1/1"), .text("7"), .text("gw2"),
            .bytes([2]),
        ]
    }

    private static let none = [StoreColumn](repeating: .null, count: 6)

    private func read(_ rows: [[StoreColumn]]) async throws -> StoredRequest? {
        try await ClusterStore(CallCase.node, CannedCaller(rows)).request(CallCase.request)
    }

    private func isUnreadable(_ rows: [[StoreColumn]]) async -> Bool {
        let failure: ClusterCallFailure? = await thrown { _ = try await read(rows) }
        if case .unreadable = failure { return true } else { return false }
    }

    @Test func `a request has the votes that came with it`() async throws {
        #expect(try await read([]) == nil)
        let alone = try #require(try await read([Self.request + Self.none]))
        #expect(alone.votes.isEmpty && alone.request.body == [1])
        #expect(alone.request.columns.ends == CallCase.now)
        #expect(alone.request.columns.version == 3)
        let voted = try #require(
            try await read(["a", "b"].map { Self.request + Self.vote($0) }))
        #expect(voted.request == alone.request)
        #expect(voted.votes.map(\.columns.person) == ["a", "b"])
        #expect(voted.votes.map(\.body) == [[2], [2]])
        #expect(voted.votes.map(\.columns.leaf) == [7, 7])
    }

    @Test func `a column of another type is unreadable, and so are two requests`() async {
        let row = Self.request + Self.vote("a")
        for place in row.indices {
            for other in [StoreColumn.null, .text(""), .bytes([])] {
                var edited = row
                edited[place] = other
                #expect(await isUnreadable([edited]), "\(ClusterStore.requestColumns[place])")
            }
        }
        var other = row
        other[1] = .text("2")
        #expect(await isUnreadable([row, other]))
        #expect(await isUnreadable([Array(row.dropLast())]))
    }
}
