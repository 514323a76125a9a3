import InterlockJSON
import InterlockModel

extension LocalAPI {
    func halts() -> JSONValue {
        let active = gateway.halts.halts.active.values.sorted { $0.id.text < $1.id.text }
        return [
            "epoch": .integer(kill.epoch),
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

    func halt(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(OrderRefusal) {
            return report(try await kill.halt(envelope, source: "cli"))
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

    /// Success is what was confirmed: what this version cannot reach is named.
    private func report(_ report: HaltReport) -> JSONValue {
        let state = report.isConfirmed ? "confirmed" : "not_confirmed"
        return [
            "halt": .string(report.order.id.text), "scope": .string(report.order.target.scope),
            "target": .string(report.order.target.target), "epoch": .integer(report.epoch),
            "ordered": .string(report.order.at.rfc3339(fractionDigits: 3)),
            "state": .string(report.isConfirmed ? "halted" : "incomplete"),
            "points": [
                [
                    "point": "gateway", "state": .string(state),
                    "ms": .integer(report.duration.microseconds / 1000),
                    "cancelled": .integer(Int64(report.cut)),
                    "left": .integer(Int64(report.left.count)),
                    "durable": .bool(report.isDurable),
                ]
            ],
            "manual": .array(
                report.cutCalls.map { cut in
                    [
                        "call": .string(cut.call.text), "tool": .string(cut.address.description),
                        "sent": .string(cut.sent.rfc3339(fractionDigits: 3)),
                    ]
                }),
        ]
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
