import InterlockJSON
import InterlockModel

extension LocalAPI {
    func haltReport(_ text: String) throws(LocalRefusal) -> JSONValue {
        guard let id = OrderID(text), let report = kill.reports[id] else {
            throw LocalRefusal(404, "there is no report of such a halt since this gateway started")
        }
        return report.json
    }

    func halts() -> JSONValue {
        let active = gateway.halts.halts.active.values.sorted { $0.id.text < $1.id.text }
        return [
            "epoch": .integer(kill.epoch), "node": .string(kill.node),
            "points": .array(kill.points.map(\.json)),
            "halts": .array(
                active.map { halt in
                    [
                        "id": .string(halt.id.text), "scope": .string(halt.target.scope),
                        "target": .string(halt.target.target), "reason": .string(halt.reason),
                        "at": .string(halt.at.rfc3339(fractionDigits: 3)),
                    ]
                }),
        ]
    }

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
        do throws(OrderRefusal) { return progress(try await kill.propose(envelope)) } catch {
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
        do throws(OrderRefusal) { return progress(try await kill.confirm(id, envelope)) } catch {
            throw LocalRefusal(error)
        }
    }

    private func progress(_ progress: ReleaseDraft.Progress) -> JSONValue {
        switch progress {
        case .waiting(let have, let need):
            ["state": "waiting", "have": .integer(Int64(have)), "need": .integer(Int64(need))]
        case .ready: ["state": "released"]
        case .expired: ["state": "expired"]
        }
    }
}

extension LocalRefusal {
    fileprivate init(_ refusal: OrderRefusal) {
        let status =
            switch refusal {
            case .form, .otherKind, .otherOrganisation: 400
            case .badSignature, .unknownKey, .revokedKey, .expiredKey, .missingRole, .notAuthor,
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
