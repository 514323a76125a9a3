import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension LocalServices {
    package func drillStatus(_: LocalCall) throws(Problem) -> JSONValue {
        let status = drills.status
        var object: JSONObject = status.json
        object["auto"] = .bool(drills.isAuto)
        object["at"] = .string(drills.at.description)
        var drilled: [String] = []
        do throws(StoreFailure) {
            let reports = try drills.reports()
            drilled = reports.first { $0.report.subject == .gateway }?.report.classes ?? []
            object["drills"] = .array(reports.prefix(20).map(line))
        } catch {
            object["drills"] = []
            object["fault"] = .string(error.reason)
        }
        object["not_drilled"] = .array(
            HaltReport.absent.map(\.point).filter { !drilled.contains($0) }.map(JSONValue.string))
        return .object(object)
    }

    package func drill(_ call: LocalCall) async throws(Problem) -> JSONValue {
        guard let variant = call.body["variant"]?.string.flatMap(DrillVariant.init(rawValue:))
        else { throw Problem(.malformed, "name a variant") }
        do throws(StoreFailure) {
            return shown(try await drills.drill(variant, by: "operator"))
        } catch { throw Problem(.notRead, "the drill did not run: \(error.reason)") }
    }

    package func drillReport(_ call: LocalCall) throws(Problem) -> JSONValue {
        do throws(StoreFailure) {
            if let found = try drills.reports().first(where: { $0.report.id.text == call["drill"] })
            {
                return shown(found)
            }
        } catch { throw Problem(.notRead, error.reason) }
        throw Problem(.noSuchName, "there is no drill `\(call["drill"])`")
    }

    package func signDrill(_ call: LocalCall) async throws(Problem) -> JSONValue {
        do throws(OrderRefusal) {
            return shown(try await drills.sign(try Envelope.taken(call.body)))
        } catch { throw Problem(error) }
    }

    private func shown(_ signed: SignedDrill) -> JSONValue {
        [
            "report": signed.report.json, "envelope": signed.envelope.json,
            "failures": .array(signed.report.failures.map(JSONValue.string)),
        ]
    }

    private func line(_ signed: SignedDrill) -> JSONValue {
        [
            "id": .string(signed.report.id.text),
            "variant": .string(signed.report.variant.rawValue),
            "ended": .string(signed.report.ended.rfc3339(fractionDigits: 0)),
            "passed": .bool(signed.report.passed),
            "signed_off": .bool(drills.isSignedOff(signed)),
        ]
    }
}

extension Envelope {
    fileprivate static func taken(_ body: JSONValue) throws(OrderRefusal) -> Envelope {
        do throws(FormError) { return try Envelope(json: body) } catch { throw .form(error) }
    }
}

extension DrillStatus {
    package var json: JSONObject {
        func time(_ time: Timestamp?) -> JSONValue {
            time.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null
        }
        return [
            "standing": .string(word.rawValue), "failing": .bool(isFailing), "due": time(due),
            "last_pass": time(lastPass),
        ]
    }
}
