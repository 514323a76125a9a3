import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read approval requests.
    static let approvals: [Operation] = [
        Operation(
            name: "listApprovals", method: .get, path: "/approvals",
            summary: "The requests that this person may see, open and ended ones.",
            query: [
                .maybe("state", .choice(of: ApprovalState.self), "In this state."),
                .maybe("mine", .choice(["yes"]), "Only what this person can decide."),
                .maybe("agent", .text(.plain(1...256)), "Asked by this agent."),
                .maybe("tool", .text(.plain(1...512)), "For this tool, as lists name it."),
                .maybe("group", .text(.plain(1...256)), "Asked of this group."),
                .maybe(
                    "limit", .whole(ApprovalListing.limits),
                    "Entries of a page, \(ApprovalListing.usualLimit) unless told."),
                .maybe(
                    "cursor", .text(PageCursor.shape),
                    "`next` of the page before, with the same other parameters."),
            ],
            answer: ApprovalListing.form.shape, problems: [.noSuchPage],
            handler: .answer { api, call throws(Problem) in try await api.list(call) }),
        Operation(
            name: "streamApprovals", method: .get, path: "/approvals/stream",
            summary: "Server-sent events: `changed`, and nothing of what; `ended` where a newer "
                + "stream of the session takes its place.",
            problems: [.tooMany], handler: .events(.approvals)),
        Operation(
            name: "getApproval", method: .get, path: "/approvals/{approval}",
            summary: "One request with all that is decided about. Who may decide it and asks for "
                + "the first time is recorded as a viewer.",
            answer: ReviewView.whole.shape,
            handler: .answer { api, call throws(Problem) in
                let session = try call.person()
                let request = try await api.request(call)
                if !call.isHead { await api.entry?.voting.opened(request, by: session) }
                return api.shown(request, session)
            }),
    ]
}

extension OperationServices {
    static let missing = "request not found, or no access"

    /// Returns the approval request that the path names.
    func request(_ call: APIMutation) async throws(Problem) -> ApprovalRequest {
        guard let request = await inbox.request(try call.approval(), for: try call.person().person)
        else { throw Problem(.noSuchRequest, Self.missing) }
        return request
    }

    /// Returns the current state of a request after an action. If the request can no longer be found, returns its last
    /// known state, because the action was performed.
    func shownNow(_ request: ApprovalRequest, _ viewer: PersonSession) async -> JSONValue {
        shown(await inbox.request(request.id, for: viewer.person) ?? request, viewer)
    }

    func shown(_ request: ApprovalRequest, _ viewer: PersonSession) -> JSONValue {
        ReviewView.whole.json(
            ReviewView(
                request, viewer: viewer, way: way,
                typing: entry?.voting.confirmation(of: request, for: viewer)))
    }

    fileprivate func list(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let session = try call.person()
        let cursor = try cursor(call)
        let listing = try ApprovalListing(
            await inbox.requests(for: session.person), for: session,
            ApprovalListing.Filter(
                state: call.query["state"]?.string.flatMap(ApprovalState.init(rawValue:)),
                isMine: call.query["mine"] != nil, agent: call.query["agent"]?.string,
                tool: call.query["tool"]?.string, group: call.query["group"]?.string),
            limit: call.query["limit"]?.integer.map(Int.init) ?? ApprovalListing.usualLimit,
            after: cursor, way: way, hashing: hashing)
        return ApprovalListing.form.json(listing)
    }

    private func cursor(_ call: APIMutation) throws(Problem) -> PageCursor? {
        guard let text = call.query["cursor"]?.string else { return nil }
        guard let cursor = PageCursor(text: text) else {
            throw Problem(.noSuchPage, "the cursor was not made here")
        }
        return cursor
    }
}

extension Operation {
    /// Operations that report the load of approvers.
    static let load: [Operation] = [
        Operation(
            name: "listApproverLoad", method: .get, path: "/approvals/load",
            summary: "Each person's load of approvals; their own alone, but for the roles "
                + "`security` and `break_glass`.",
            query: [Paging.parameter], answer: ApproverLoadSummary.page.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let load = try api.part(api.sources.load)
                do throws(LoadUnread) {
                    let page = try load.load(page: call.page, for: visibility)
                    return ApproverLoadSummary.page.json(
                        PagedRows(page.lines, of: page.count, page: call.page))
                } catch {
                    throw Problem(.notRead, "what was decided is still read from the log")
                }
            })
    ]
}

extension ApproverLoadSummary: ResponseRecord {
    static let form = ResponseSchema<ApproverLoadSummary>(
        "ApproverLoad",
        .init("person", .text(.plain(1...254)), "Whose.") { $0.person.address },
        .init("pending", .count, "That wait and this person could decide.") { $0.pending },
        .init("decided_7d", .count, "In 7 days.") { $0.load.decidedInWeek },
        .init("decided_30d", .count, "In 30 days.") { $0.load.decidedInMonth },
        .maybe("approved_percent", .whole(0...100), "Of those of 30 days.") {
            $0.load.approveShare
        },
        .maybe("median_wait_ms", .count, "From the request to the decision.") {
            $0.load.medianWait.map { $0.microseconds / 1000 }
        },
        .maybe("median_dwell_ms", .count, "From the page's opening to the decision.") {
            $0.load.medianDwell.map { $0.microseconds / 1000 }
        })
    static let page = PagedRows<ApproverLoadSummary>.form(
        "ApproverLoads", "people", of: form, "Who has most waiting first.")
}
