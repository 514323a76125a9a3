import InterlockAlerts
import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockMonitoring
import InterlockNotification
import InterlockPorts

extension LocalServices {
    /// Sends a test notification to one channel or to all. The body is `{channel?}`.
    package func testChannels(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let name = call.body["channel"]?.string
        let channel = name.flatMap(ChannelName.init)
        guard name == nil || channel != nil else {
            throw Problem(.noSuchName, "no channel has such a name")
        }
        let told = await alerts.test(channel)
        guard !told.isEmpty else {
            throw Problem(
                .noSuchName, name == nil ? "no channel is configured" : "no channel has this name",
                help: "`alerts.channels` of interlock.yaml names them")
        }
        return ["channels": .array(told.map { .string($0.text) })]
    }

    /// Returns the precision of each detector over the last `seconds` of the path, from 1 second to 365 days.
    package func detectorReport(_ call: LocalCall) async throws(Problem) -> JSONValue {
        guard let seconds = Int64(call["seconds"]), (1...31_536_000).contains(seconds) else {
            throw Problem(.malformed, "a time from 1 s to a year")
        }
        do throws(StoreFailure) {
            let since = gateway.clock.wall - .seconds(seconds)
            let found = try await alarms.precisions(since: since)
            return [
                "since": .string(since.rfc3339(fractionDigits: 0)),
                "alarms_per_week": .integer(
                    Int64(gateway.monitors.agents.plan.detectors.alarmsPerWeek)),
                "detectors": .array(
                    found.sorted { $0.key < $1.key }.map { .object(Self.line($0.key, $0.value)) }),
            ]
        } catch { throw Problem(.notRead, error.reason) }
    }

    private static func line(_ name: String, _ precision: Precision) -> JSONObject {
        var object: JSONObject = [
            "detector": .string(name), "alarms": .integer(Int64(precision.alarms)),
            "disposed": .integer(Int64(precision.judged)), "real": .integer(Int64(precision.real)),
        ]
        object["precision"] = precision.value.map { .string(percent($0)) }
        object["interval"] = precision.interval.map {
            .string("\(percent($0.lowerBound)) to \(percent($0.upperBound))")
        }
        return object
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    /// Returns the status of each channel, with the number of notifications that wait for it.
    func channelStandings() async -> JSONValue {
        let statuses = await alerts.outbox.statuses()
        return .array(
            statuses.map { status in
                var object: JSONObject = [
                    "channel": .string(status.channel.text),
                    "waiting": .integer(Int64(status.waiting)),
                    "delivered": .integer(Int64(status.delivered)),
                    "undelivered": .integer(Int64(status.undelivered)),
                ]
                object["problem"] = status.problem.map(JSONValue.string)
                object["since"] = status.since.map { .string($0.rfc3339(fractionDigits: 0)) }
                return .object(object)
            })
    }
}
