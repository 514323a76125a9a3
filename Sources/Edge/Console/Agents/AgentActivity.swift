import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// An agent's open runs, elevations and pending approval requests.
struct AgentActivity {
    let detail: AgentDetail
    let waiting: [ApprovalRequest]

    @HTMLBuilder var content: [HTML] {
        runs.html(or: "No run of it is open.")
        if detail.elevations.isEmpty {
            element(.p) { "No elevation is open." }
        } else {
            elevations.html
        }
        if waiting.isEmpty {
            element(.p) { "No request of it that you see waits for people." }
        } else {
            requests.html
        }
    }

    private var runs: Table {
        Table(
            "Open runs, the newest first",
            [.id("Run"), .text("Purpose"), .number("Calls"), .state("State")], detail.runs,
            isLinked: true
        ) { run in
            [
                Shape.run(run.run), run.purpose.map { .safe($0) } ?? .text("none told"),
                .text("\(run.calls)"), .text(run.halt == nil ? "runs" : "stopped"),
            ]
        }
    }

    private var elevations: Table {
        Table(
            "Elevations",
            [
                .id("Elevation"), .state("State"), .text("Gives"), .time("From", .third),
                .time("Until"), .text("Why"), .name("By"), .state("Approved"),
            ], detail.elevations, isBroad: true
        ) { elevation in
            let request = elevation.request
            return [
                Shape.id(request.id.text), .text(Self.state(elevation)),
                .group(SafeText.value(request.order.grants)), Shape.time(request.order.from),
                Shape.time(request.order.until),
                .group(
                    SafeText.text(request.order.reason) + [.text(" ")]
                        + SafeText.text(request.order.ticket)),
                Shape.person(request.proposal.author),
                .text(
                    elevation.need.map { "\(request.approvals.count) of \($0)" }
                        ?? "the policy has no room for it"),
            ]
        }
    }

    private static func state(_ elevation: OpenElevation) -> String {
        switch elevation.request.state {
        case .requested: "waits for people"
        case .granted: elevation.isLive ? "in force" : "granted, not in its window"
        case .denied: "denied"
        case .ended: "ended"
        }
    }

    private var requests: Table {
        Table(
            "Requests that wait for people, the nearest end first",
            [
                .id("Request"), .name("Tool"), .state("Tier", .second), .time("Due"),
                .state("Approvals", .second),
            ], waiting.prefix(Paging.size), isLinked: true
        ) { request in
            [
                Shape.id(request.id.shown, Link("approvals", request.id.shown)),
                .name(request.review.call.address.description),
                Shape.tier(request.decision.tier), Shape.time(request.expires),
                .group(request.decision.approversNeeded),
            ]
        }
    }
}
