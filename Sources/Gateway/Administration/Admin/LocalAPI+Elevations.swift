import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalAPI {
    func elevationList() -> JSONValue {
        ["elevations": .array(elevations.open.map { .object(line($0)) })]
    }

    /// What a person signs for: the order itself, and how far it has come.
    func elevation(_ text: String) throws(LocalRefusal) -> JSONValue {
        guard let id = ElevationID(text), let request = elevations[id] else {
            throw LocalRefusal(ElevationRefusal.noSuchElevation)
        }
        var object = line(request)
        object["order"] = request.order.json
        object["approved_by"] = .array(request.approvals.map { .string($0.person.address) })
        return .object(object)
    }

    func requestElevation(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(ElevationRefusal) {
            return .object(line(try await elevations.request(envelope)))
        } catch {
            throw LocalRefusal(error)
        }
    }

    func approveElevation(_ text: String, _ body: JSONValue) async throws(LocalRefusal) -> JSONValue
    {
        let envelope = try envelope(body)
        do throws(ElevationRefusal) {
            guard let id = ElevationID(text) else { throw ElevationRefusal.noSuchElevation }
            switch try await elevations.approve(id, envelope) {
            case .counted(let have, let need):
                return [
                    "id": .string(text), "state": "requested", "have": .integer(Int64(have)),
                    "need": .integer(Int64(need)),
                ]
            case .granted: return ["id": .string(text), "state": "granted"]
            }
        } catch {
            throw LocalRefusal(error)
        }
    }

    func endElevation(_ text: String, _ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(ElevationRefusal) {
            guard let id = ElevationID(text) else { throw ElevationRefusal.noSuchElevation }
            try await elevations.end(id, envelope)
            return ["id": .string(text), "state": "ended"]
        } catch {
            throw LocalRefusal(error)
        }
    }

    private func line(_ request: ElevationRequest) -> JSONObject {
        let order = request.order
        var object: JSONObject = [
            "id": .string(order.id.text), "agent": .string(order.agent.text),
            "state": .string(request.state.rawValue),
            "in_force": .bool(
                request.state == .granted
                    && request.proposal.fact.isLive(at: gateway.clock.wall)),
            "grant": order.grants, "from": .string(order.from.rfc3339(fractionDigits: 0)),
            "until": .string(order.until.rfc3339(fractionDigits: 0)),
            "reason": .string(order.reason), "ticket": .string(order.ticket),
            "author": .string(request.proposal.author.address),
            "have": .integer(Int64(request.approvals.count)),
        ]
        do throws(ElevationRefusal) {
            object["need"] = .integer(Int64(try elevations.terms(of: order).need))
        } catch {
            object["unfit"] = .string("\(error)")
        }
        return object
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: ElevationRefusal) {
        let status =
            switch refusal {
            case .order(.form), .order(.otherKind), .order(.otherOrganisation): 400
            case .unfitGrant: 422
            case .order, .notEligible: 403
            case .noSuchElevation, .unknownAgent: 404
            case .tooLong, .past, .tooFarAhead, .reviewOverdue, .halted, .tooMany, .taken, .closed,
                .alreadyApproved:
                409
            case .notRecorded: 503
            }
        self.init(status, "\(refusal)", help: refusal.help)
    }
}

extension ElevationRefusal {
    fileprivate var help: String? {
        switch self {
        case .unfitGrant(let findings): findings.lazy.compactMap(\.help).first
        case .noSuchElevation: "interlock elevate list"
        default: nil
        }
    }
}
