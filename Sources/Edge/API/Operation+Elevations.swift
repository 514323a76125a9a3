import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSchemas

extension Operation {
    /// Operations on elevations. The policy in force when a signature arrives determines who may approve. An elevation
    /// is visible to people who see its agent, to its author and to the approvers that the policy names.
    static let elevations: [Operation] = [
        Operation(
            name: "listElevations", method: .get, path: "/elevations",
            summary: "Elevations that wait or are granted, of agents that the person sees or is "
                + "asked about.",
            answer: .record(
                "Elevations",
                .init("elevations", .list(of: ElevationView.self, 0...10_000), "By id.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in try api.listElevations(call) }),
        Operation(
            name: "draftElevation", method: .post, path: "/elevations/draft",
            summary: "A request in the name of the signed-in person, for a passkey to sign and "
                + "`requestElevation` to take.",
            body: .record(
                "ElevationDraftRequest",
                .init("agent", .text(.plain(1...64)), "For whom."),
                .init(
                    "grant", .object,
                    "As `grant` of a policy: server -> list of `{tool}` or `{class}`."),
                .maybe("from", .text(.time), "Now, unless told."),
                .init("lasts_s", .whole(60...2_592_000), "Seconds, from then."),
                .init("reason", .text(.plain(OrderLimits.reason)), "For people."),
                .init("ticket", .text(.plain(1...128)), "Where it is followed up.")),
            answer: OrderDraft.form.shape, problems: drafting,
            handler: .answer { api, call throws(Problem) in try api.draftElevation(call) }),
        Operation(
            name: "requestElevation", method: .post, path: "/elevations",
            summary: "Takes a signed request: a DSSE envelope of "
                + "`\(PayloadType.elevationRequest.text)`. It waits for people.",
            body: signed("ElevationRequestEnvelope", .elevationRequest), isSigned: true,
            answer: ElevationView.form.shape, problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.requestElevation(call) }),
        Operation(
            name: "draftElevationApproval", method: .post,
            path: "/elevations/{elevation}/approve/draft",
            summary: "The bytes of an elevation, for a passkey to approve.", body: nothing,
            answer: OrderDraft.form.shape, problems: drafting,
            handler: .answer { api, call throws(Problem) in try api.draft(.elevationApproval, call)
            }),
        Operation(
            name: "approveElevation", method: .post, path: "/elevations/{elevation}/approve",
            summary: "Takes an approval: a DSSE envelope of "
                + "`\(PayloadType.elevationApproval.text)` over the same bytes.",
            body: signed("ElevationApprovalEnvelope", .elevationApproval), isSigned: true,
            answer: progress, problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                try await api.sign(call) { service, id, order throws(ElevationRefusal) in
                    try await service.approve(id, order)
                }
            }),
        Operation(
            name: "draftElevationEnd", method: .post, path: "/elevations/{elevation}/end/draft",
            summary: "The bytes of an elevation, for a passkey to end it.", body: nothing,
            answer: OrderDraft.form.shape, problems: drafting,
            handler: .answer { api, call throws(Problem) in try api.draft(.elevationEnd, call) }),
        Operation(
            name: "endElevation", method: .post, path: "/elevations/{elevation}/end",
            summary:
                "Takes its end: a DSSE envelope of `\(PayloadType.elevationEnd.text)` over the "
                + "same bytes. Anyone who sees it may end it: an end only removes rights.",
            body: signed("ElevationEndEnvelope", .elevationEnd), isSigned: true, answer: progress,
            problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                try await api.sign(call) { service, id, order throws(ElevationRefusal) in
                    try await service.end(id, order)
                    return nil
                }
            }),
    ]

    private static let drafting: [ProblemKind] = [
        .notEligible, .notRead, .noSuchElevation, .noRoom, .unfitGrant,
    ]
    private static let signing: [ProblemKind] =
        drafting + [.badSignature, .badAssertion, .notRecorded]
    private static let nothing = JSONSchemaType.record("ElevationToSign")

    private static let progress = JSONSchemaType.record(
        "ElevationProgress",
        .init("id", .text(.id), "The elevation."),
        .init("state", .choice(["requested", "granted", "ended"]), "What it is now."),
        .maybe("have", .count, "Approvals that count."),
        .maybe("need", .count, "How many it takes."))
}

/// The JSON form of an elevation.
private struct ElevationView: Sendable, ResponseRecord {
    let request: ElevationRequest
    let isLive: Bool
    /// The number of approvers that the policy in force requires; nil if the policy does not permit the elevation.
    let need: Int?
    /// The reason why the policy does not permit it, or nil if it does.
    let unfit: String?

    static let form = ResponseSchema<ElevationView>(
        "Elevation",
        .init("id", .text(.id), "What people approve and end.") { $0.request.id.text },
        .init("agent", .text(.plain(1...64)), "For whom.") { $0.request.order.agent.text },
        .init("state", .choice(["requested", "granted"]), "What it is now.") {
            $0.request.state.rawValue
        },
        .init("in_force", .truth, "Whether it grants now.") { $0.isLive },
        .init("grant", .object, "As `grant` of a policy.") { $0.request.order.grants },
        .init("from", .text(.time), "Its begin.") { $0.request.order.from },
        .init("until", .text(.time), "Its end.") { $0.request.order.until },
        .init("reason", .text(.plain(1...500)), "For people.") { $0.request.order.reason },
        .init("ticket", .text(.plain(1...128)), "Where it is followed up.") {
            $0.request.order.ticket
        },
        .init("author", .text(.plain(1...254)), "Who asks.") { $0.request.proposal.author.address },
        .init("approved_by", .list(.text(.plain(1...254)), count: 0...100), "In their order.") {
            $0.request.approvals.map(\.person.address)
        },
        .init("have", .count, "How many have.") { $0.request.approvals.count },
        .maybe("need", .count, "How many people it takes.") { $0.need },
        .maybe("unfit", .text(.plain(1...16_384)), "Why the policy has no room for it.") {
            $0.unfit
        })
}

extension OperationServices {
    private func elevationService() throws(Problem) -> ElevationService {
        if let elevations { return elevations }
        throw Problem(.notRead, "elevations cannot be reached here")
    }

    fileprivate func listElevations(_ call: APIQuery) throws(Problem) -> JSONValue {
        let service = try elevationService()
        return [
            "elevations": .array(service.open(for: try visibility(call)).map { json($0, service) })
        ]
    }

    private func json(_ request: ElevationRequest, _ service: ElevationService) -> JSONValue {
        let isLive = request.state == .granted && request.proposal.fact.isLive(at: clock.wall)
        var (need, unfit): (Int?, String?) = (nil, nil)
        do throws(ElevationRefusal) { need = try service.terms(of: request.order).need } catch {
            unfit = "\(error)"
        }
        return ElevationView.form.json(
            ElevationView(request: request, isLive: isLive, need: need, unfit: unfit))
    }

    fileprivate func draftElevation(_ call: APIMutation) throws(Problem) -> JSONValue {
        func text(_ name: String) -> String { call.body[name]?.string ?? "" }
        let (service, author) = (try elevationService(), try call.person().pseudonym)
        guard let agent = AgentName(text("agent")) else {
            throw Problem(.malformed, "member `agent` must be the name of an agent")
        }
        try requireSight(of: agent, call)
        return try drafted(Problem.init) { () throws(ElevationRefusal) in
            try service.draft(
                for: agent, call.body["grant"] ?? .null, from: Timestamp(rfc3339: text("from")),
                lasting: .seconds(call.body["lasts_s"]?.integer ?? 0), reason: text("reason"),
                ticket: text("ticket"), by: author)
        }
    }

    /// Drafts an approval or end of the elevation that the path names.
    fileprivate func draft(_ type: PayloadType, _ call: APIMutation) throws(Problem) -> JSONValue {
        let (service, id) = try visible(call)
        let signer = try call.person().pseudonym
        return try drafted(Problem.init) { () throws(ElevationRefusal) in
            try service.draft(type, of: id, by: signer)
        }
    }

    fileprivate func requestElevation(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (service, order) = (try elevationService(), try call.envelope())
        if let wanted = try? ElevationOrder(parsing: order.payload) {
            try requireSight(of: wanted.agent, call)
        }
        do throws(ElevationRefusal) {
            return json(try await service.request(order), service)
        } catch { throw Problem(error) }
    }

    /// Hands a signed approval or end to the elevation that the path names.
    ///
    /// - Parameter act: returns the progress of its approvals, or nil if the elevation has ended.
    fileprivate func sign(
        _ call: APIMutation,
        _ act: (ElevationService, ElevationID, Envelope) async throws(ElevationRefusal) ->
            ElevationRequest.Progress?
    ) async throws(Problem) -> JSONValue {
        let (service, id) = try visible(call)
        let order = try call.envelope()
        do throws(ElevationRefusal) {
            switch try await act(service, id, order) {
            case nil: return ["id": .string(id.text), "state": "ended"]
            case .granted: return ["id": .string(id.text), "state": "granted"]
            case .counted(let have, let need):
                return [
                    "id": .string(id.text), "state": "requested", "have": .integer(Int64(have)),
                    "need": .integer(Int64(need)),
                ]
            }
        } catch { throw Problem(error) }
    }

    /// Returns the elevation that the path names. Throws `noSuchElevation` also if the caller may not see it.
    private func visible(_ call: APIMutation) throws(Problem) -> (ElevationService, ElevationID) {
        let (service, viewer) = (try elevationService(), try visibility(call))
        guard let id = call.places["elevation"].flatMap({ ElevationID($0) }),
            service.request(id, for: viewer) != nil
        else { throw Problem(ElevationRefusal.noSuchElevation) }
        return (service, id)
    }

    private func requireSight(of agent: AgentName, _ call: APIMutation) throws(Problem) {
        if try visibility(call).sees(agent) { return }
        throw Problem(ElevationRefusal.unknownAgent(agent))
    }
}
