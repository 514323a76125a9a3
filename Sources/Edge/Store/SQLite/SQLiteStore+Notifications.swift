package import InterlockAlerts
import InterlockJSON
import InterlockModel
package import InterlockPorts

extension SQLiteStore: NotificationStore {
    package func keep(
        _ entry: QueuedNotification, for channel: ChannelName
    ) async throws(StoreFailure) {
        let text = String(decoding: entry.alert.json.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO outbox (alert, channel, body, held, tries, since, next)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                .text(entry.alert.id.text), .text(channel.text), .text(text),
                .integer(Int64(entry.held)), .integer(Int64(entry.tries)),
                .integer(entry.since.microseconds), .integer(entry.next.microseconds))
        }
    }

    package func waiting() async throws(StoreFailure) -> [(
        channel: ChannelName, entry: QueuedNotification
    )] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT channel, body, held, tries, since, next FROM outbox ORDER BY number")
        }
        var found: [(channel: ChannelName, entry: QueuedNotification)] = []
        for row in rows {
            guard let channel = row[0].text.flatMap(ChannelName.init),
                let body = row[1].text.flatMap({
                    try? JSONValue(parsing: Array($0.utf8), limits: .agent)
                }),
                let alert = OutgoingNotification(body), let held = row[2].integer,
                let tries = row[3].integer,
                let since = row[4].integer, let next = row[5].integer
            else { throw StoreFailure(reason: "an alert in the outbox has another form") }
            let entry = QueuedNotification(
                alert, held: Int(held), tries: Int(tries), since: Timestamp(microseconds: since),
                next: Timestamp(microseconds: next))
            found.append((channel, entry))
        }
        return found
    }

    package func settle(
        _ id: AlertID, in channel: ChannelName, as entry: QueuedNotification?
    ) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            guard let entry else {
                try database.run(
                    "DELETE FROM outbox WHERE alert = ? AND channel = ?", .text(id.text),
                    .text(channel.text))
                return
            }
            try database.run(
                "UPDATE outbox SET tries = ?, next = ? WHERE alert = ? AND channel = ?",
                .integer(Int64(entry.tries)), .integer(entry.next.microseconds), .text(id.text),
                .text(channel.text))
        }
    }
}
