import InterlockApprovals
import InterlockJSON
import InterlockModel

/// Tokens of services: issuing one and ending one are signed orders.
extension LocalAPI {
    /// The body is the signed order.
    func issueServiceToken(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let issued = try await asked { () async throws(PeopleRefusal) in
            try await desk.issueToken(order)
        }
        return [
            "service": .string(issued.service.name.text),
            "role": .string(issued.service.role.rawValue), "token": .string(issued.token),
            "expires": .string(issued.service.expires.rfc3339(fractionDigits: 0)),
        ]
    }

    /// The body is the signed order.
    func endServiceToken(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let ended = try await asked { () async throws(PeopleRefusal) in
            try await desk.endToken(order)
        }
        return ["state": "ended", "service": .string(ended.name.text)]
    }

    func serviceList() throws(LocalRefusal) -> JSONValue {
        ["services": .array(try peopleDesk.services.map(line))]
    }

    private func line(_ standing: ServiceAccountStatus) -> JSONValue {
        var object: JSONObject = [
            "service": .string(standing.token.name.text),
            "role": .string(standing.token.role.rawValue),
            "issued": .string(standing.token.made.rfc3339(fractionDigits: 0)),
            "expires": .string(standing.token.expires.rfc3339(fractionDigits: 0)),
        ]
        object["by"] = standing.issuer.map { .string($0.address) }
        object["used"] = standing.used.map { .string($0.rfc3339(fractionDigits: 0)) }
        return .object(object)
    }
}
