import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// `/halt`: active halts, releases that wait for a second signature, and drills.
struct HaltListPage {
    let view: HaltListView
    /// The unknown outcomes of what is stopped, newest first.
    var unknown: [UnknownOutcome] = []
    /// The target that a link to this page proposed to halt.
    var meant: HaltTarget?

    private static let active = Anchor("active-halts")
    private static let stop = Anchor("stop-all")
    private static let resume = Anchor("resume-requests")

    var header: PageHeader {
        let count = view.halts.count
        var header = PageHeader(
            "Kill switch",
            StatusBadge(
                count == 0 ? .working : .stopped,
                count == 0 ? "No active halts" : Shape.count(count, "active halt"),
                from: "The halts that this gateway enforces, at epoch \(view.epoch)."))
        let installed = view.points.filter { $0.state != .notPresent }
        header.fact("Points") {
            "\(installed.count) installed, \(view.points.count - installed.count) not installed"
        }
        if let drills = view.drills { header.fact("Drill") { drills.status.word.words } }
        header.fact("Gateway", text: view.node)
        header.fact("Epoch") { "\(view.epoch)" }
        let canConfirm = view.signer.roles.contains(.resume)
        if canConfirm,
            view.releases.contains(where: { !$0.signers.contains(view.signer.session.person) })
        {
            header.primary = HeaderAction("Review resume request", .to(Self.resume))
        }
        if view.signer.roles.contains(.kill) {
            header.add(HeaderAction("Go to stop", .to(Self.stop), isDanger: true))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let meant, meant != .org {
            card("Stop this \(meant.kind)") {
                element(.p) { SafeText.text(meant.target) }
                view.signer.form(.halt(meant), Self.meantForm)
            }
        }
        card("Active halts", id: Self.active) { halts }
        card("Stop all agents", id: Self.stop) { view.signer.form(.halt(.org)) }
        card("Resume requests", id: Self.resume) { releases }
        if !unknown.isEmpty {
            card("Unknown outcomes") { UnknownOutcomeTable(outcomes: unknown).content }
        }
        card("Enforcement points") { PointTable(points: view.points).html }
        if let drills = view.drills {
            card("Drills") {
                DrillList(view: drills).content
                if drills.mayStart { view.signer.form(.startDrill, Self.startNumber) }
            }
        }
        if !view.ended.isEmpty { card("Ended since this gateway started") { ended } }
    }

    /// The number of the form that starts a drill; those of releases are at most a few thousand.
    private static let startNumber = 1_000_000

    /// The number of the form for `meant`; forms of releases are numbered from 1.
    private static let meantForm = 10_000

    @HTMLBuilder private var halts: [HTML] {
        if view.halts.isEmpty {
            element(.p, .style(.empty)) { "No active halts" }
        } else {
            table("Newest first", view.halts)
        }
    }

    private var ended: HTML { table("Newest first", view.ended) }

    private func table(_ caption: String, _ halts: [ActiveHalt]) -> HTML {
        Table(
            caption, [.name("What"), .text("Reason"), .name("Ordered by"), .time("Started")], halts,
            isLinked: true
        ) { halt in
            [
                hyperlink(HaltRoute.report(halt.order.id).link) { HaltLabels.target(of: halt) },
                .safe(halt.order.reason), .group(HaltLabels.author(of: halt)),
                Shape.time(halt.order.at),
            ]
        }.html
    }

    @HTMLBuilder private var releases: [HTML] {
        if view.releases.isEmpty { element(.p, .style(.empty)) { "No resume requests" } }
        for (place, release) in view.releases.enumerated() {
            element(.section, .style(.part)) {
                self.facts(of: release).html
                if release.signers.contains(view.signer.session.person) {
                    element(.p, .style(.hint)) { "You have signed it. Another person has to." }
                } else {
                    view.signer.form(.confirmation(release.order.id), place + 1)
                }
            }
        }
    }

    private func facts(of release: ReleaseProposal) -> Facts {
        var facts = Facts()
        facts.add("Halts to end") {
            for (place, id) in release.order.halts.enumerated() {
                if place > 0 { ", " }
                hyperlink(HaltRoute.report(id).link) { what(id) }
            }
        }
        facts.add("Reason", text: release.order.reason)
        facts.add("Signed by") {
            for (place, person) in release.signers.enumerated() {
                if place > 0 { ", " }
                Shape.person(person)
            }
            "; \(release.need) must"
        }
        facts.add("Asked") { Shape.time(release.started) }
        facts.add("Must be signed") {
            Shape.time(release.ends)
        }
        return facts
    }

    private func what(_ id: OrderID) -> [HTML] {
        guard let halt = view.halts.first(where: { $0.order.id == id }) else {
            return [.text("halt \(id.text)")]
        }
        return HaltLabels.target(of: halt)
    }
}

/// A halt in words.
enum HaltLabels {
    @HTMLBuilder static func target(of halt: ActiveHalt) -> [HTML] {
        switch halt.order.target {
        case .org: "everything"
        case .owner:
            "all agents of "
            if let owner = halt.owner { Shape.person(owner) } else { "an unknown owner" }
        case .agent(let agent):
            "agent "
            SafeText.text(agent.text)
        case .server(let server):
            "server "
            SafeText.text(server.text)
        case .tool(let tool):
            "tool "
            SafeText.text(tool.description)
        case .run(let run): "run \(run.text)"
        case .drill: "canaries of a drill"
        }
    }

    @HTMLBuilder static func author(of halt: ActiveHalt) -> [HTML] {
        if let author = halt.author { Shape.person(author) } else { "Automatic" }
    }
}

/// The values that `/halt` shows.
struct HaltListView {
    let epoch: Int64
    let node: String
    /// The active halts, newest first.
    let halts: [ActiveHalt]
    /// The halts that ended since this gateway started, newest first.
    let ended: [ActiveHalt]
    let points: [PointReport]
    /// The pending releases, oldest first.
    let releases: [ReleaseProposal]
    /// The drills, or nil if the console runs without drills.
    let drills: DrillListView?
    let signer: OrderSigner

    static let mostEnded = 20
}

/// The status of the drills.
struct DrillListView {
    let status: DrillStatus
    /// The drills, newest first, or nil if they cannot be read, which counts as overdue.
    let drills: [ListedDrill]?
    /// True if the gateway starts drills by itself.
    let isAuto: Bool
    let at: String
    /// True if the viewer may start a drill and sign its report.
    var mayStart = false

    static let most = 20
}
