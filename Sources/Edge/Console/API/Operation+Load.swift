import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

extension Operation {
    /// Operations that report the load of approvers.
    static let load: [Operation] = [
        Operation(
            name: "listApproverLoad", method: .get, path: "/approvals/load",
            summary: "Each person's load of approvals; their own alone, but for the roles "
                + "`security` and `break_glass`.",
            query: [Paging.parameter], answer: ApproverLoadSummary.page.shape, problems: [.notRead],
            deed: .reading { api, call throws(Problem) in
                let sight = try api.sight(call)
                let load = try api.part(api.sources.load)
                do throws(LoadUnread) {
                    let page = try load.load(page: call.page, for: sight)
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
