import InterlockAlerts
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockMonitoring
import InterlockPorts

extension LocalAPI {
    /// Of the last 30 days; whoever asks leaves out what it does not want.
    func alarmList() async throws(LocalRefusal) -> JSONValue {
        let desk = try alarmDesk()
        do throws(StoreFailure) {
            let alarms = try await desk.store.alarms(
                since: gateway.clock.wall - Self.alarmDays, most: AlertDispositionService.mostRead)
            let incidents = try await desk.store.incidents(
                most: AlertDispositionService.incidentsRead)
            return [
                "alerts": .array(alarms.map(\.json)),
                "incidents": .array(incidents.map(\.json)),
                "channels": await channelStandings(),
            ]
        } catch { throw LocalRefusal(503, error.reason) }
    }

    func alarm(_ text: String) async throws(LocalRefusal) -> JSONValue {
        let desk = try alarmDesk()
        guard let id = AlertID(text) else { throw Self.noSuchAlarm }
        do throws(StoreFailure) {
            let incidents = try await desk.store.incidents(
                most: AlertDispositionService.incidentsRead)
            if var object = try await desk.store.alarm(id)?.json.object {
                object["incidents"] = .array(incidents.filter { $0.alarm == id }.map(\.json))
                return .object(object)
            }
        } catch { throw LocalRefusal(503, error.reason) }
        throw Self.noSuchAlarm
    }

    /// The body is `{as?, reason, incident?, close_incident?}`.
    func dispose(
        of text: String, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        let desk = try alarmDesk()
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        guard let id = AlertID(text) else { throw Self.noSuchAlarm }
        let form = try DisposalForm(body)
        do throws(AlertDispositionService.Refusal) {
            let incident = try await desk.dispose(
                of: id, as: form.disposition, by: pseudonyms.pseudonym(of: Person(localUser: uid)),
                reason: form.reason, form.step)
            var answer: JSONObject = ["id": .string(text)]
            answer["as"] = form.disposition.map { .string($0.rawValue) }
            answer["incident"] = incident?.json
            return .object(answer)
        } catch { throw LocalRefusal(error) }
    }

    /// The body is `{channel?}`.
    func testChannels(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        guard let alerts else { throw LocalRefusal(404, "no channel is configured") }
        let name = body["channel"]?.string
        let channel = name.flatMap(ChannelName.init)
        guard name == nil || channel != nil else {
            throw LocalRefusal(404, "no channel has such a name")
        }
        let told = await alerts.test(channel)
        guard !told.isEmpty else {
            throw LocalRefusal(
                404, name == nil ? "no channel is configured" : "no channel has this name",
                help: "`alerts.channels` of interlock.yaml names them")
        }
        return ["channels": .array(told.map { .string($0.text) })]
    }

    /// How good the detectors were; whoever asks says since when, in seconds.
    func detectorReport(since text: String?) async throws(LocalRefusal) -> JSONValue {
        let desk = try alarmDesk()
        guard let seconds = Int64(text ?? "2592000"), (1...31_536_000).contains(seconds) else {
            throw LocalRefusal(400, "a time from 1 s to a year")
        }
        do throws(StoreFailure) {
            let since = gateway.clock.wall - .seconds(seconds)
            let found = try await desk.precisions(since: since)
            return [
                "since": .string(since.rfc3339(fractionDigits: 0)),
                "alarms_per_week": .integer(Int64(gateway.monitor.plan.detectors.alarmsPerWeek)),
                "detectors": .array(
                    found.sorted { $0.key < $1.key }.map { .object(Self.line($0.key, $0.value)) }),
            ]
        } catch { throw LocalRefusal(503, error.reason) }
    }

    private static func line(_ name: String, _ precision: Precision) -> JSONObject {
        var object: JSONObject = [
            "detector": .string(name), "alarms": .integer(Int64(precision.alarms)),
            "disposed": .integer(Int64(precision.judged)),
            "real": .integer(Int64(precision.real)),
        ]
        object["precision"] = precision.value.map { .string(percent($0)) }
        object["interval"] = precision.interval.map {
            .string("\(percent($0.lowerBound)) to \(percent($0.upperBound))")
        }
        return object
    }

    private static func percent(_ share: Double) -> String {
        "\(Int((share * 100).rounded())) %"
    }

    private static let alarmDays: Duration = .seconds(30 * 86_400)
    private static let noSuchAlarm = LocalRefusal(
        404, "no such alert", help: "interlock alerts list")

    private func alarmDesk() throws(LocalRefusal) -> AlertDispositionService {
        guard let alarms else { throw LocalRefusal(404, "alarms are not kept here") }
        return alarms
    }
}

/// What somebody says of an alarm.
private struct DisposalForm {
    let disposition: Disposition?
    let reason: String
    let step: AlertDispositionService.IncidentStep

    init(_ body: JSONValue) throws(LocalRefusal) {
        let known = ["as", "reason", "incident", "close_incident"]
        guard let object = body.object, object.members.allSatisfy({ known.contains($0.key) }) else {
            throw LocalRefusal(400, "the form has \(known.joined(separator: ", "))")
        }
        reason = object["reason"]?.string ?? ""
        guard (1...AlertDisposition.longestReason).contains(reason.unicodeScalars.count) else {
            throw LocalRefusal(400, "a reason of 1 to \(AlertDisposition.longestReason) characters")
        }
        disposition = object["as"]?.string.flatMap(Disposition.init)
        guard object["as"] == nil || disposition != nil else {
            let words = Disposition.allCases.map(\.rawValue).joined(separator: ", ")
            throw LocalRefusal(400, "an alert is disposed of as one of \(words)")
        }
        switch (object["incident"]?.integer, object["close_incident"]?.bool ?? false) {
        case (nil, false): step = .none
        case (nil, true): step = .close
        case (let severity?, false) where (1...3).contains(severity):
            step = .open(severity: Int(severity))
        default: throw LocalRefusal(400, "an incident has severity 1, 2 or 3, or is closed")
        }
        guard disposition != nil || step != .none else {
            throw LocalRefusal(400, "say what it was, or what becomes of its incident")
        }
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: AlertDispositionService.Refusal) {
        switch refusal {
        case .noSuchAlarm: self.init(404, "no such alert", help: "interlock alerts list")
        case .disposedAlready(let disposition):
            self.init(409, "it was disposed of already, as `\(disposition.rawValue)`")
        case .noOpenIncident: self.init(409, "no incident of this alert is open")
        case .notRecorded(let code): self.init(503, "the log takes no record now (\(code))")
        case .unavailable(let reason): self.init(503, reason)
        }
    }
}
