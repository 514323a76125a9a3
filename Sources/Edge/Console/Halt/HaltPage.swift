import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// The values that `/halts/ID` shows.
struct HaltView {
    struct Cut {
        let call: CallID
        let address: ToolAddress
        let sent: Timestamp
        /// The end of the call, or nil while it has not ended.
        let end: CutEnd?
    }

    let halt: ActiveHalt
    let isActive: Bool
    /// The report, or nil for a halt from before this gateway was started.
    let report: HaltReport?
    /// The calls that were in progress when the halt came, in their present state.
    let cut: [Cut]
    let signer: OrderSigner

    init(
        _ halt: ActiveHalt, isActive: Bool, report: HaltReport?, signer: OrderSigner
    ) {
        self.halt = halt
        self.isActive = isActive
        self.report = report
        self.signer = signer
        cut = (report?.cutCalls ?? []).map {
            Cut(call: $0.call, address: $0.address, sent: $0.sent, end: $0.end)
        }
    }

    /// The calls that a person must examine, because their outcome is unknown.
    var manual: [Cut] { cut.filter { $0.end == nil || $0.end == .unknown } }

    /// Changes whenever the displayed report changes.
    var version: String {
        guard let report else { return isActive ? "active" : "ended" }
        let points = report.points.map {
            "\($0.state.rawValue) \($0.left) \($0.unknown) \($0.denied)"
        }
        return
            ([isActive ? "active" : "ended", report.state.rawValue, "\(report.violations.count)"]
            + points + cut.map { "\($0.end.map(\.words) ?? "open")" }).joined(separator: ", ")
    }
}

/// `/halts/ID`: one halt, its progress, and the calls that people must examine.
struct HaltPage {
    let view: HaltView
    /// The unknown outcomes of what is stopped, newest first.
    var unknown: [UnknownOutcome] = []

    private static let resume = Anchor("resume")

    var header: PageHeader {
        var header = PageHeader(
            back: .init(words: "Kill switch", link: HaltRoute.list.link), badge
        ) {
            "Halt of "
            HaltLabels.target(of: view.halt)
        }
        header.say { if !sentence.isEmpty { sentence } }
        header.fact("Ordered by") { HaltLabels.author(of: view.halt) }
        header.fact(view.isActive ? "Active since" : "Started") { Shape.time(view.halt.order.at) }
        if let report = view.report {
            let points = report.points.filter { $0.state != .notPresent }
            let confirmed = points.count { [.confirmed, .expired].contains($0.state) }
            header.fact("Confirmed") { "\(confirmed) of \(Shape.count(points.count, "point"))" }
            header.fact("Calls cut") { "\(view.cut.count)" }
            header.fact("To check manually") { "\(view.manual.count)" }
        }
        if view.isActive { header.add(HeaderAction("Go to resume", .to(Self.resume))) }
        return header
    }

    private var badge: StatusBadge {
        let (look, words): (StatusBadge.Kind, String) =
            if view.isActive {
                switch view.report?.state {
                case .halted: (.stopped, "Active")
                case .incomplete: (.problem, "Active, not confirmed")
                case .notReached: (.problem, "Active, nothing reached")
                case nil: (.stopped, "Active")
                }
            } else {
                (.plain, "Ended")
            }
        return StatusBadge(
            look, words,
            from: view.report == nil
                ? "The orders of this gateway. The report is in the log: the order is older than its start."
                : "The report of this gateway's enforcement points.")
    }

    private var sentence: String {
        guard view.isActive else { return "" }
        return switch view.report?.state {
        case .halted: "Confirmed by every installed point"
        case .incomplete: "Something is not confirmed or not known"
        case .notReached: "No point is registered: nothing was reached"
        case nil: ""
        }
    }

    @HTMLBuilder var content: [HTML] {
        element(
            .section, .style(.card), .id(Anchor("report")), .flag(.isLive),
            .text(.version, view.version), .text(.label, "Report")
        ) {
            facts.html
            if let report = view.report {
                PointTable(points: report.points, isReport: true).html
                inFlight
                manual
                violations(report)
            } else {
                element(.p) {
                    "It was ordered before this gateway was started. What it reached then is in the log: "
                    element(.code) { "interlock audit query --type kill.effective" }
                }
            }
        }
        if view.isActive {
            card("Resume", id: Self.resume) {
                element(.p) {
                    "Two people with the role "
                    element(.code) { "resume" }
                    " have to agree. Runs and tokens that it ended stay ended."
                }
                if !unknown.isEmpty { UnknownOutcomeTable(outcomes: unknown).content }
                view.signer.form(.release([view.halt.order.id]))
            }
        }
    }

    private var facts: Facts {
        let order = view.halt.order
        var facts = Facts()
        facts.add("Reason", text: order.reason)
        facts.add("Ordered by") { HaltLabels.author(of: view.halt) }
        facts.add("Started") { Shape.time(order.at) }
        if let report = view.report { facts.add("Epoch") { "\(report.epoch)" } }
        facts.add("Order") { Shape.whole(order.id.text) }
        return facts
    }

    @HTMLBuilder private var inFlight: [HTML] {
        element(.h2) { "In progress at the time" }
        if view.cut.isEmpty {
            element(.p, .style(.empty)) { "No calls in progress" }
        } else {
            table("Calls that were cut", view.cut)
        }
    }

    @HTMLBuilder private var manual: [HTML] {
        element(.h2) { "Check manually" }
        if view.manual.isEmpty {
            element(.p, .style(.empty)) { "No unknown outcomes" }
        } else {
            table("Outcome unknown: check at the server", view.manual)
        }
    }

    private func table(_ caption: String, _ cut: [HaltView.Cut]) -> HTML {
        Table(
            caption, [.id("Call"), .name("Tool"), .time("Sent"), .state("End")], cut
        ) { one in
            [
                Shape.id(one.call.text), .name(one.address.description),
                Shape.time(one.sent), .text(one.end?.words ?? "has not ended"),
            ]
        }.html
    }

    @HTMLBuilder private func violations(_ report: HaltReport) -> [HTML] {
        if !report.violations.isEmpty {
            notice(.bad) {
                "The switch does not hold: these calls were sent after a point had answered. "
                report.violations.map(\.text).joined(separator: ", ")
            }
        }
    }
}

extension CutEnd {
    fileprivate var words: String {
        switch self {
        case .undone: "never reached its server"
        case .answered: "answered; the result is withheld"
        case .unknown: "unknown"
        }
    }
}

/// The enforcement points that a halt reaches or has reached.
struct PointTable {
    let points: [PointReport]
    /// True if the table shows each point's report instead of only its presence.
    var isReport = false

    var html: HTML {
        Table(
            isReport ? "Report of each point" : Shape.count(points.count, "kind"),
            isReport
                ? [
                    .name("Point"), .state("State"), .number("Time"), .number("Denied"),
                    .number("Cancelled"), .number("Unknown"), .number("Still running"),
                    .text("Note"),
                ] : [.name("Point"), .state("State"), .text("Note")], points, isBroad: isReport
        ) { point in
            let ends = [element(.span) { SafeText.text(point.point) }, state(point)]
            return ends + (isReport ? said(point) : []) + [
                point.note.map { .own($0) } ?? .text("–")
            ]
        }.html
    }

    private func said(_ point: PointReport) -> [HTML] {
        guard point.state != .notPresent else {
            return Array(repeating: .text("–"), count: 5)
        }
        let counts = [point.denied, point.cancelled, point.unknown, point.left]
        return [.text("\(point.duration.microseconds / 1000) ms")] + counts.map { .text("\($0)") }
    }

    private func state(_ point: PointReport) -> HTML {
        switch point.state {
        case .confirmed: badge("Confirmed", .low)
        case .expired: badge("Expired", .low)
        case .notConfirmed: badge("Not confirmed", .high)
        case .notReached: badge("Not reached", .high)
        case .notPresent: badge("Not installed")
        }
    }
}
