import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

/// Notifications as rows of a cluster's store.
struct NotificationRowTests {
    @Test func `a notification comes back from its row as it was`() throws {
        let alert = try Alerting.alert()
        let row = try NotificationRow(
            ExactText(alert.id.text), channel: "mail", day: alert.id.day, held: 2,
            since: Alerting.now, content: alert.json)
        let statement = RowStatement(
            org: "acme", at: Alerting.now, node: NodeName("gw1").unwrapped,
            head: ChainHead(number: 3, digest: WeakHashing().sha256([1])), row: row)
        let again = try RowStatement<NotificationRow>(
            parsing: try statement.canonical(), limit: RowTable.outbox.bodyLimit
        ).row
        #expect(again == row && again.held == 2)
        #expect(OutgoingNotification(again.content) == alert)
    }
}
