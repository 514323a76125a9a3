import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that draft a use of break-glass and its review for a passkey to sign.
    static let breakGlassDrafts: [Operation] = [
        Operation(
            name: "draftBreakGlass", method: .post, path: "/approvals/{approval}/break-glass/draft",
            summary:
                "An order in the name of the signed-in person that one person decides this request, for a "
                + "passkey to sign and `breakGlass` to take. Only for the role `break_glass`.",
            body: .record(
                "BreakGlassDraftRequest",
                .init("revision", .whole(1...1_000_000), "Of the request, as it was seen."),
                .init("ticket", .text(.plain(BreakGlassContent.tickets)), "Where it is tracked."),
                reason),
            answer: OrderDraft.form.shape,
            problems: drafting + [.nothingToLower, .requestClosed, .revisionChanged],
            handler: .answer { api, call throws(Problem) in
                let request = try await api.request(call)
                let ticket = call.body["ticket"]?.string ?? ""
                return try api.draft(
                    .lower(revision: try call.revision(), ticket: ticket), of: request.id, call)
            }),
        Operation(
            name: "draftBreakGlassReview", method: .post,
            path: "/approvals/{approval}/review/draft",
            summary:
                "The review of another person's use of break-glass in the name of the signed-in person, for "
                + "a passkey to sign and `reviewBreakGlass` to take. Only for the roles `security` and "
                + "`break_glass`, and for who took no part.",
            body: .record("BreakGlassReviewDraftRequest", reason),
            answer: OrderDraft.form.shape, problems: drafting + [.noUse, .reviewed, .staleOrder],
            handler: .answer { api, call throws(Problem) in
                // The log may have a use whose request can no longer be found, as for `reviewBreakGlass`.
                try api.draft(.review, of: try call.approval(), call)
            }),
    ]

    private static let drafting: [ProblemKind] = [.notEligible, .notRead]

    private static let reason = JSONSchemaType.Member(
        "reason", .text(.plain(OrderLimits.reason)),
        "For people, on one line; of a review, what its author found.")
}

extension OperationServices {
    fileprivate func draft(
        _ action: BreakGlassOrder.Action, of id: ApprovalID, _ call: APIMutation
    ) throws(Problem) -> JSONValue {
        let (actions, author) = (try orderActions(), try call.person().pseudonym)
        return try drafted(Problem.init(_:)) { () throws(BreakGlassRefusal) in
            try actions.draft(
                BreakGlassContent(request: id, action: action), because: call.reason, by: author)
        }
    }
}
