import InterlockAlerts
import InterlockJSON
import InterlockModel
import InterlockPorts

extension LocalServices {
    /// Returns the status of each channel, with the number of notifications that wait for it.
    func channelStandings() async -> JSONValue {
        let standings = await alerts.outbox.standings()
        return .array(
            standings.map { standing in
                var object: JSONObject = [
                    "channel": .string(standing.channel.text),
                    "waiting": .integer(Int64(standing.waiting)),
                    "delivered": .integer(Int64(standing.delivered)),
                    "undelivered": .integer(Int64(standing.undelivered)),
                ]
                object["problem"] = standing.problem.map(JSONValue.string)
                object["since"] = standing.since.map { .string($0.rfc3339(fractionDigits: 0)) }
                return .object(object)
            })
    }
}
