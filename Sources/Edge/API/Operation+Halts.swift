import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations on the kill switch. An order's signatures give it its authority, not the session that sends it.
    static let halts: [Operation] = [
        Operation(
            name: "listHalts", method: .get, path: "/halts",
            summary: "The halts in force, the epoch, and the points that a halt reaches.",
            answer: .record(
                "Halts",
                .init("epoch", .count, "What a release names as `after_epoch`."),
                .init("node", .text(.plain(1...128)), "Which gateway answers."),
                .init("halts", .list(halt, count: 0...100_000), "In force."),
                .init("points", .list(point, count: 0...1000), "Each with what is known of it.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, _ throws(Problem) in try api.switchDesk().status }),
        Operation(
            name: "halt", method: .post, path: "/halts",
            summary: "Takes a signed halt: a DSSE envelope of `\(PayloadType.halt.text)`. It acts "
                + "before it is recorded; the answer says what it did not reach.",
            body: signed("HaltEnvelope", .halt, by: several), isSigned: true, answer: report,
            problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let source = call.isOfCommands ? "cli" : "console"
                return try await api.take(call) { service, order throws(OrderRefusal) in
                    try await service.halt(order, source: source).json
                }
            }),
        Operation(
            name: "followReport", method: .get, path: "/halts/{halt}/report",
            summary: "Server-sent events: `report` now and at each change, until nothing is left; "
                + "`ended` where a newer stream of the session takes its place.",
            problems: [.noSuchOrder, .notRead, .tooMany],
            handler: .report),
        Operation(
            name: "release", method: .post, path: "/releases",
            summary: "Takes a release with its first signature: a DSSE envelope of "
                + "`\(PayloadType.release.text)`. It waits an hour for another person.",
            body: signed("ReleaseEnvelope", .release, by: several), isSigned: true,
            answer: progress, problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                try await api.take(call) { service, order throws(OrderRefusal) in
                    try await service.propose(order).json
                }
            }),
        Operation(
            name: "confirmRelease", method: .post, path: "/releases/{release}/confirm",
            summary: "Adds another person's signature over the same bytes.",
            body: signed("ReleaseEnvelope", .release, by: several), isSigned: true,
            answer: progress, problems: signing, isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let id = try api.pendingRelease(call)
                return try await api.take(call) { service, order throws(OrderRefusal) in
                    try await service.confirm(id, order).json
                }
            }),
    ]

    private static let signing: [ProblemKind] = [
        .badSignature, .badAssertion, .notEligible, .noSuchOrder, .staleOrder, .tooMany,
        .notRecorded, .notRead,
    ]

    private static let halt = JSONSchemaType.record(
        "Halt",
        .init("id", .text(.id), "What a release names."),
        .init("scope", .choice(HaltTarget.allScopes), "What kind of thing is stopped."),
        .init("target", .text(.plain(1...256)), "Which; a person as a pseudonym."),
        .init("reason", .text(.plain(1...500)), "For people; agents are not told."),
        .init("at", .text(.plain(20...32)), "When it was signed."))

    private static let point = JSONSchemaType.record(
        "HaltPoint",
        .init("point", .text(.plain(1...256)), "Kind and name."),
        .init(
            "state",
            .choice(["confirmed", "expired", "not_confirmed", "not_reached", "not_present"]),
            "`not_present`: there is none, so nothing there is stopped."),
        .maybe("ms", .count, "From the order to the answer."),
        .maybe("denied", .count, "Requests refused meanwhile."),
        .maybe("cancelled", .count, "Calls that were cut."),
        .maybe("unknown", .count, "The number of these whose end is unknown."),
        .maybe("left", .count, "Calls and children not ended."),
        .maybe("note", .text(.plain(1...256)), "For people."))

    private static let report = JSONSchemaType.record(
        "HaltReport",
        .init("halt", .text(.id), "The order."),
        .init("scope", .choice(HaltTarget.allScopes), "Of it."),
        .init("target", .text(.plain(1...256)), "Of it."),
        .init("epoch", .count, "That it began."),
        .init("ordered", .text(.plain(20...32)), "When it was signed."),
        .init(
            "state", .choice(["halted", "incomplete", "not_reached"]),
            "`halted` only if every point confirmed and every call's end is known."),
        .init("points", .list(point, count: 0...1000), "One for each point."),
        .init("manual", .list(cutCall, count: 0...1_000_000), "What a person has to look at."),
        .init(
            "violations", .list(.text(.id), count: 0...1_000_000), "Calls sent after the answer."))

    private static let cutCall = JSONSchemaType.record(
        "CutCall", .init("call", .text(.id), "The call."),
        .init("tool", .text(.plain(1...256)), "What it called."),
        .init("sent", .text(.plain(20...32)), "When."))

    private static let progress = JSONSchemaType.record(
        "ReleaseProgress",
        .init("state", .choice(["waiting", "released", "expired"]), "Of the release."),
        .maybe("have", .count, "People who have signed."),
        .maybe("need", .count, "How many must."))

}

extension OperationServices {
    /// - Throws: `notRead` if the kill switch is not available.
    func switchDesk() throws(Problem) -> HaltService {
        guard let halts else { throw Problem(.notRead, "the kill switch cannot be reached here") }
        return halts
    }

    /// Returns the release that the path names and that waits for another signature.
    func pendingRelease(_ call: APIMutation) throws(Problem) -> OrderID {
        let service = try switchDesk()
        guard let id = call.places["release"].flatMap({ OrderID($0) }), service.pending(id) != nil
        else { throw Problem(.noSuchOrder, "there is no such release") }
        return id
    }

    fileprivate func take(
        _ call: APIMutation,
        _ action: (HaltService, Envelope) async throws(OrderRefusal) -> JSONValue
    ) async throws(Problem) -> JSONValue {
        let service = try switchDesk()
        let order = try call.envelope()
        do throws(OrderRefusal) { return try await action(service, order) } catch {
            throw Problem(error)
        }
    }
}

extension PeopleAPI {
    /// Sends each report of a halt as an event, until all registered points have stopped or the stream ends.
    func followReport(
        _ exchange: any Exchange, _ places: [ExactText: String], for listener: StreamListener,
        isHead: Bool
    ) async throws(Problem) {
        guard let id = places["halt"].flatMap({ OrderID($0) }),
            let changes = try operations.switchDesk().reports.follow(id)
        else { throw Problem(.noSuchOrder, "there is no report of such a halt here") }
        guard !isHead else { return exchange.respond(Self.streamHead) }
        await stream(exchange, for: listener) {
            for await report in changes {
                let text = String(decoding: report.json.serialized(), as: UTF8.self)
                exchange.send(event: Array("event: report\ndata: \(text)\n\n".utf8))
                if report.missed == 0 { return }
            }
        }
    }
}
