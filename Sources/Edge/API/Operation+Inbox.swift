import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// The operation that lists what waits for people.
    static let inbox: [Operation] = [
        Operation(
            name: "listInbox", method: .get, path: "/inbox",
            summary:
                "What waits for people, as the inbox of the console lists it: approvals, second signatures, "
                + "revisions, temporary access, break-glass reviews, enrolments, roles, alerts, drills, "
                + "unknown outcomes, flagged changes of runs and promotions.",
            query: [
                .maybe(
                    "show", .choice(of: InboxView.Tab.self),
                    "By default `mine`, what this person can do now; `pending`: all that waits and this person "
                        + "sees; `sent`: what this person asked for; `decided`: ended approvals."),
                .maybe(
                    "kind", .choice(InboxRow.Kind.allCases.map(\.text)), "Of this kind."),
                .maybe("agent", .text(.plain(1...256)), "About this agent."),
                .maybe(
                    "sort", .choice(InboxView.Sorting.texts),
                    "The column of the order, with `-` before it if descending. `sent` has no `tier`, and "
                        + "`decided` no `due`."),
                Paging.parameter,
            ],
            answer: InboxItem.page.shape,
            handler: .answer { api, call throws(Problem) in try await api.inboxItems(call) })
    ]
}

extension OperationServices {
    fileprivate func inboxItems(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let session = try call.person()
        let tab = call.query["show"]?.string.flatMap(InboxView.Tab.init(rawValue:)) ?? .mine
        let sort = call.query["sort"]?.string
        let order = sort.flatMap(tab.order)
        guard sort == nil || order != nil else {
            throw Problem(.malformed, "invalid `sort`: list `\(tab.rawValue)` has no such column")
        }
        let view = InboxView(
            await inbox.requests(for: session.person), sources.tasks(of: session),
            viewer: session.person, tab: tab,
            filter: InboxView.Filter(
                kind: call.query["kind"]?.string.flatMap(InboxRow.Kind.init),
                agent: call.query["agent"]?.string),
            order: order, page: call.reading.page, now: clock.wall)
        let items = view.rows.map { InboxItem(row: $0, viewer: session.person) }
        return InboxItem.page.json(PagedRows(items, of: view.count, page: view.page))
    }
}

/// One line of the inbox as one person sees it. It has no vote of others.
struct InboxItem: ResponseRecord {
    let row: InboxRow
    let viewer: Person

    private var request: ApprovalRequest? { if case .request(let one) = row { one } else { nil } }
    private var task: InboxTask? { if case .task(let one) = row { one } else { nil } }

    private static let address = JSONSchemaType.text(.plain(1...254))

    static let form = ResponseSchema<InboxItem>(
        "InboxItem",
        .init("kind", .choice(InboxRow.Kind.allCases.map(\.text)), "What kind of work it is.") {
            $0.row.kind.text
        },
        .init("id", .text(.plain(1...64)), "Of its subject, the same while it waits.") {
            $0.row.id
        },
        .init("headline", .text(.passage), "What it is, with amounts or arguments, cut.") {
            $0.row.headline
        },
        .init("mine", .truth, "Whether this person can do it now.") {
            $0.row.isMine(of: $0.viewer)
        },
        .init("sent", .truth, "Whether this person asked for it.") { $0.task?.isSent ?? false },
        .maybe("state", .choice(of: ApprovalState.self), "Of an approval.") {
            $0.request?.state.rawValue
        },
        .maybe("agent", .text(.plain(1...256)), "About which, if about one.") {
            $0.request?.review.call.agent.text ?? $0.task?.agent?.text
        },
        .maybe("reason", .text(.passage), "As its author stated it.") { $0.task?.reason },
        .init("since", .text(.time), "Since when it waits.") {
            $0.row.since
        },
        .maybe("due", .text(.time), "When it lapses or is overdue, if it has an end.") {
            $0.row.due
        },
        .maybe("signed", .count, "How many have signed; not of an approval.") { $0.task?.signed },
        .maybe("need", .count, "How many must, if it is known.") { item in
            item.request?.decision.quorum ?? item.task?.need
        },
        .maybe("next", .list(address, count: 0...10_000), "Who can act next on what was sent.") {
            item in
            guard let task = item.task, task.isSent else { return nil as [String]? }
            return task.deciders.map(\.address)
        },
        .maybe("link", .text(.plain(1...2048)), "The page that does it or says how.") {
            $0.row.link?.text
        },
        .maybe("command", .text(.plain(1...256)), "What does it, if no page does.") {
            $0.task?.command
        })

    static let page = PagedRows<InboxItem>.form(
        "Inbox", "items", of: form,
        "The nearest deadline first, and of `decided` the latest, unless `sort` says otherwise.")
}
