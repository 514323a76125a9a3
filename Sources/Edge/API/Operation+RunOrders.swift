import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that pause a run and let it continue. The signature under an order gives it its authority.
    static let runOrders: [Operation] = [
        Operation(
            name: "draftRunOrder", method: .post, path: "/runs/{run}/order/draft",
            summary:
                "An order in the name of the signed-in person to pause a run or to let it continue, for a passkey to "
                + "sign and `orderRun` to take. For the owner of its agent and the role `resume`; to pause, also "
                + "for `kill`.",
            body: .record(
                "RunOrderDraftRequest",
                .init("deed", .choice(of: RunContent.Action.self), "What to do."), recordedReason),
            answer: OrderDraft.form.shape, problems: [.notRead, .noSuchRun, .notEligible],
            handler: .answer { api, call throws(Problem) in try api.draftRunOrder(call) }),
        Operation(
            name: "orderRun", method: .post, path: "/runs/{run}/order",
            summary:
                "Takes a signed order about a run, which it names itself: a DSSE envelope of "
                + "`\(PayloadType.run.text)`. No call of a paused run goes on.",
            body: signed("RunEnvelope", .run), isSigned: true,
            answer: .record(
                "RunState", .init("run", .text(.id), "Of the order."),
                .init("state", .choice(["paused", "running"]), "Of the run.")),
            problems: [
                .badSignature, .badAssertion, .staleOrder, .notRead, .noSuchRun, .notEligible,
                .otherState, .notRecorded,
            ], isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.orderRun(call) }),
    ]
}

extension OperationServices {
    fileprivate func draftRunOrder(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (orders, author) = (try part(sources.runOrders), try call.person().pseudonym)
        let visibility = try visibility(call)
        guard let run = call.places["run"].flatMap({ RunID($0) }) else {
            throw Problem(RunRefusal.noSuchRun)
        }
        guard let action = call.body["deed"]?.string.flatMap(RunContent.Action.init(rawValue:))
        else { throw Problem(.malformed, "member `deed` is missing") }
        return try drafted(Problem.init(_:)) { () throws(RunRefusal) in
            try orders.draft(
                RunContent(run: run, action: action),
                because: call.reason, by: author, visibility)
        }
    }

    fileprivate func orderRun(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (orders, envelope) = (try part(sources.runOrders), try call.envelope())
        do throws(RunRefusal) {
            let order = try await orders.take(envelope)
            return [
                "run": .string(order.run.text),
                "state": .string(order.action == .pause ? "paused" : "running"),
            ]
        } catch { throw Problem(error) }
    }
}
