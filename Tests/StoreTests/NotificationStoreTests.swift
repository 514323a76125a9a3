import InterlockAdministration
import InterlockAlerts
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

@Suite struct NotificationStoreTests {
    @Test func `alerts come back as they were kept, in their order, once for each channel`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        let ops = try #require(ChannelName("ops"))
        let mail = try #require(ChannelName("mail"))
        let (first, second) = (try waiting(9), try waiting(1))
        try await store.keep(first, for: ops)
        try await store.keep(first, for: mail)
        try await store.keep(second, for: ops)
        await #expect(throws: StoreFailure.self, "twice in one channel") {
            try await store.keep(first, for: ops)
        }
        var queue = ChannelQueue([first])
        let now = first.since + .seconds(1)
        guard
            case .again(let again) = queue.settle(
                first.alert.id, .failed("late"), now: now, jitter: 5)
        else { throw StoreFailure(reason: "it was given up") }
        try await store.settle(first.alert.id, in: ops, as: again)
        try await store.settle(first.alert.id, in: mail, as: nil)
        store.close()

        let reopened = try SQLiteStore(path: path)
        let found = try await reopened.waiting()
        #expect(found.map(\.channel) == [ops, ops])
        #expect(found.map(\.entry) == [again, second])
        reopened.close()
    }

    private func waiting(_ number: UInt8) throws -> QueuedNotification {
        let now = Timestamp(microseconds: 1_795_169_731_500_000)
        let alert = try #require(
            OutgoingNotification(
                id: AlertID(milliseconds: 1, random: Array(repeating: number, count: 10)),
                dedupe: "key", severity: .page, kind: "kind", at: now,
                summary: "tool \("a\u{202e}b") failed", facts: ["agent": "refunds"]))
        return QueuedNotification(alert, held: 2, since: now, next: now)
    }
}
