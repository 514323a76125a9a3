import InterlockGateway
import InterlockModel

/// The calls of the last hour by minute.
struct HourTable {
    let hour: LastHour

    var html: HTML {
        var table = Table(
            caption: "Calls by minute, the newest first",
            columns: ["Minute from", "Let through", "Refused"])
        table.rows = hour.minutes.reversed().map { minute in
            [Shape.time(minute.start), .text("\(minute.allowed)"), .text("\(minute.denied)")]
        }
        return element(.details) {
            element(.summary) { "Each minute as a table" }
            table.html
        }
    }
}
