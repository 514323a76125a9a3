package import InterlockJSON
package import InterlockModel

/// A notification that waits for its channel. It can have links by which people deny, so no sender takes one that no
/// node signed.
package struct NotificationRow: ClusterRow {
    /// The id of the notification.
    package let id: ExactText
    /// The name of the channel.
    package let channel: ExactText
    /// The day of its partition, in UTC.
    package let day: CivilDate
    /// The number of earlier notifications with its key that were not delivered.
    package let held: Int64
    /// The time when the first delivery was due.
    package let since: Timestamp
    /// The stored form of the notification.
    package let content: JSONValue

    package struct Columns: RowColumns {
        package var day: String
        package var id: String
        package var channel: String
        package var node: String

        package init(day: String, id: String, channel: String, node: String) {
            self.day = day
            self.id = id
            self.channel = channel
            self.node = node
        }

        package var address: RowAddress { RowAddress(.outbox, "\(id)/\(channel)") }
    }

    package var version: Int64 { 1 }
    package var address: RowAddress { RowAddress(.outbox, "\(id.text)/\(channel.text)") }
    package var columns: JSONObject {
        [
            "day": .string(day.text), "held": .integer(held), "since": .string(since.rfc3339()),
        ]
    }

    /// - Throws: `badMember` if id or channel is empty or has a `/`, or the content has another id.
    package init(
        _ id: ExactText, channel: ExactText, day: CivilDate, held: Int64 = 0, since: Timestamp,
        content: JSONValue
    ) throws(FormError) {
        guard [id, channel].allSatisfy({ !$0.text.isEmpty && !$0.text.utf8.contains(Self.slash) })
        else { throw .badMember("key", "that of a notification") }
        guard content["id"] == .string(id.text) else {
            throw .badMember("content.id", "the id of the row")
        }
        self.id = id
        self.channel = channel
        self.day = day
        self.held = held
        self.since = since
        self.content = content
    }

    private static let slash = UInt8(ascii: "/")

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        let parts = address.key.text.utf8.split(
            separator: Self.slash, omittingEmptySubsequences: false)
        guard address.table == .outbox, address.revision == 1, version == 1, parts.count == 2
        else { throw .badMember("key", "that of a notification") }
        let fields = try StrictFields(
            columns, at: "columns", required: ["day", "held", "since"])
        try self.init(
            ExactText(String(Substring(parts[0]))), channel: ExactText(String(Substring(parts[1]))),
            day: try fields.made("day", "a day") { CivilDate($0) },
            held: try fields.integer("held", in: 0...JSONValue.largestInteger),
            since: try fields.time("since", fractionDigits: 6), content: content)
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        if !sameBytes(columns.day, day.text) { return "day" }
        if !sameBytes(columns.node, node.text) { return "node" }
        return nil
    }
}
