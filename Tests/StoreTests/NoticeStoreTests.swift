import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

/// The names of sent notifications, and the denial links that people received.
@Suite struct NoticeStoreTests {
    private let now = Timestamp(microseconds: 1_795_169_731_500_000)

    @Test func `names are known until their time is over`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        try await store.note(told: ["a", "b"], until: now + .seconds(10), now: now)
        try await store.note(told: ["a"], until: now + .seconds(5), now: now)
        #expect(try await store.told(among: ["a", "b", "c"]) == ["a", "b"])
        try await store.note(told: ["d"], until: now + .seconds(99), now: now + .seconds(11))
        #expect(try await store.told(among: ["a", "b", "d"]) == ["d"])
        store.close()
    }

    @Test func `a link is found by its hash alone, until it is spent or over`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        let link = DenialLink(
            hash: try #require(Digest(bytes: Array(repeating: 7, count: 32))),
            request: ApprovalID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
            person: Pseudonym(text: "person"), expires: now + .seconds(60))
        try await store.keep(link, now: now)
        try await store.keep(link, now: now)
        store.close()

        let again = try SQLiteStore(path: path)
        #expect(try await again.link(link.hash, now: now) == link)
        let other = try #require(Digest(bytes: Array(repeating: 8, count: 32)))
        #expect(try await again.link(other, now: now) == nil)
        #expect(try await again.spend(link.hash))
        #expect(try await again.spend(link.hash) == false)
        #expect(try await again.link(link.hash, now: now) == nil)
        try await again.keep(link, now: now)
        #expect(
            try await again.link(link.hash, now: now) == nil, "a mail tried again revives nothing")
        let late = DenialLink(
            hash: other, request: link.request, person: link.person, expires: now + .seconds(1))
        try await again.keep(late, now: now)
        #expect(try await again.link(other, now: now + .seconds(1)) == nil)
        again.close()
    }

    /// Anyone with any path under `/deny/` can cause look-ups, so these must not write.
    @Test func `a look writes nothing; what is over is forgotten with the next link`() async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        func link(_ number: UInt8, until end: Timestamp) throws -> DenialLink {
            DenialLink(
                hash: try #require(Digest(bytes: Array(repeating: number, count: 32))),
                request: ApprovalID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
                person: Pseudonym(text: "person"), expires: end)
        }
        let (first, second) = (
            try link(1, until: now + .seconds(1)), try link(2, until: now + .seconds(100))
        )
        try await store.keep(first, now: now)
        let late = now + .seconds(2)
        #expect(try await store.link(first.hash, now: late) == nil)
        #expect(try await store.link(first.hash, now: now) == first, "it is still there")
        try await store.keep(second, now: late)
        #expect(try await store.link(first.hash, now: now) == nil)
        #expect(try await store.link(second.hash, now: late) == second)
        store.close()
    }
}
