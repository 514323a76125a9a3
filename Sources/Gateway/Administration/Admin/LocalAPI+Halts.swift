import InterlockJSON
import InterlockModel

extension LocalAPI {
    func haltReport(_ text: String) throws(LocalRefusal) -> JSONValue {
        guard let id = OrderID(text), let report = kill.reports[id] else {
            throw LocalRefusal(404, "there is no report of such a halt since this gateway started")
        }
        return report.json
    }

    func halts() -> JSONValue { kill.standing }

    /// - Parameter source: by which way the signed order came.
    func halt(_ body: JSONValue, source: String = "cli") async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(OrderRefusal) {
            return try await kill.halt(envelope, source: source).json
        } catch {
            throw LocalRefusal(error)
        }
    }

    func propose(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(OrderRefusal) { return try await kill.propose(envelope).json } catch {
            throw LocalRefusal(error)
        }
    }

    func release(_ text: String) throws(LocalRefusal) -> JSONValue {
        guard let id = OrderID(text), let order = kill.pending(id) else {
            throw LocalRefusal(404, "there is no such release")
        }
        return ["order": order.json]
    }

    func confirm(_ text: String, _ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        guard let id = OrderID(text), kill.pending(id) != nil else {
            throw LocalRefusal(404, "there is no such release")
        }
        let envelope = try envelope(body)
        do throws(OrderRefusal) { return try await kill.confirm(id, envelope).json } catch {
            throw LocalRefusal(error)
        }
    }
}

extension LocalRefusal {
    init(_ refusal: OrderRefusal) {
        let status =
            switch refusal {
            case .form, .otherKind, .otherOrganisation: 400
            case .badSignature, .badAssertion, .copiedPasskey, .unknownKey, .revokedKey,
                .expiredKey, .missingRole, .notAuthor,
                .notForNodes,
                .samePerson, .tooFewPeople:
                403
            case .unknownHalt: 404
            case .staleEpoch: 409
            case .tooManyOrders, .notRecorded: 503
            }
        self.init(status, "\(refusal)")
    }
}
