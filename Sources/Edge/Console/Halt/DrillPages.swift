import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The status of the kill switch's drills, and the latest drills.
struct DrillList {
    let view: DrillListView

    @HTMLBuilder var content: [HTML] {
        if view.status.isFailing {
            notice(.bad) { "The kill switch is not rehearsed as the policy demands." }
        }
        facts.html
        if let drills = view.drills {
            if drills.isEmpty {
                element(.p, .style(.empty)) { "No drill was made yet." }
            } else {
                table(drills)
            }
        } else {
            notice(.bad) { "The reports cannot be read; that counts as overdue." }
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Status") { view.status.word.words }
        if let due = view.status.due { facts.add("Due") { Shape.time(due) } }
        facts.add("Last passed") {
            if let last = view.status.lastPass { Shape.time(last) } else { "none" }
        }
        facts.add("Automatic") { view.isAuto ? "yes, \(view.at)" : "no" }
        return facts
    }

    private func table(_ drills: [ListedDrill]) -> HTML {
        Table(
            "Newest first",
            [.time("Ended"), .state("Variant"), .state("Result"), .text("Sign-off")],
            drills.prefix(DrillListView.most), isLinked: true
        ) { drill in
            [
                hyperlink(HaltRoute.drill(drill.report.id).link) { Shape.time(drill.report.ended) },
                .text(drill.report.variant.rawValue), DrillLabels.result(drill.report),
                .group(DrillLabels.signOff(drill)),
            ]
        }.html
    }
}

/// `/halt/drills/ID`
struct DrillPage {
    let drill: ListedDrill
    let signer: OrderSigner
    /// True if the viewer answers for the policy: has the role `security`, or owns it.
    let maySign: Bool
    private var report: DrillReport { drill.report }

    private static let sign = Anchor("sign-report")

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            if !report.passed {
                (.problem, "Failed")
            } else if drill.isSignedOff {
                (.working, "Passed, signed")
            } else {
                (.attention, "Passed, not signed")
            }
        var header = PageHeader(
            back: .init(words: "Kill switch", link: HaltRoute.list.link),
            StatusBadge(look, words, from: "The signed report of the drill.")
        ) {
            "Drill of "
            Shape.exact(report.ended)
        }
        header.fact("Kind of drill", text: report.variant.rawValue)
        header.fact("Points") { "\(report.points.count)" }
        header.fact("Problems") { "\(report.failures.count)" }
        header.fact("On gateway", text: report.node)
        if maySign, !drill.signers.contains(signer.session.person) {
            header.add(HeaderAction("Sign report", .to(Self.sign)))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        for fault in report.failures {
            notice(.bad) { SafeText.text(fault) }
        }
        card("Report") { facts.html }
        points
        signOff
        element(.p, .style(.hint)) {
            "Offline, "
            element(.code) { "interlock drill verify" }
            " checks the report and its signatures by key."
        }
    }

    @HTMLBuilder private var signOff: [HTML] {
        if drill.signers.contains(signer.session.person) {
            element(.p, .style(.hint)) { "You have signed it." }
        } else if maySign {
            card("Sign off", id: Self.sign) {
                element(.p) { "You sign:" }
                SafeText.value(report.json)
                signer.form(.drill(report.id))
            }
        } else {
            element(.p, .style(.hint)) {
                "Signing it off takes the role security, or an owner of the policy."
            }
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.group("Result")
        facts.add("Report") { Shape.id(report.id.text) }
        facts.add("Result") { DrillLabels.result(report) }
        facts.add("Sign-off") { DrillLabels.signOff(drill) }
        facts.add("Variant", text: report.variant.rawValue)
        facts.add("Rehearsed", text: report.subject.words)
        facts.group("Start")
        facts.add("Started") { Shape.time(report.started) }
        facts.add("Started by") {
            drill.starter.map { Shape.person($0) } ?? .safe(starter)
        }
        facts.add("Organisation", text: report.org)
        facts.add("Gateway", text: report.node)
        facts.add("Version", text: report.version)
        facts.add("Policy") { element(.code) { report.policy.prefixed } }
        facts.group("Checks")
        facts.add("Classes of points", text: report.classes.joined(separator: ", "))
        facts.add("Calls of canaries") { "\(report.intents) begun, \(report.outcomes) ended" }
        facts.add("A second halt") {
            report.secondHaltChanged ? "changed something" : "changed nothing"
        }
        facts.add("A release with one signature") {
            report.oneSignatureReleased ? "was accepted" : "was refused"
        }
        facts.add("Release to effect") { "\(report.releaseMilliseconds) ms" }
        facts.group("Proof")
        facts.add("Log", text: report.origin)
        facts.add("Root of the log") { element(.code) { report.root.prefixed } }
        return facts
    }

    private var starter: String {
        switch report.runBy {
        case "auto": "the schedule"
        case "operator": "the operator, on the command line"
        default: report.runBy
        }
    }

    private var points: HTML {
        Table(
            "Enforcement points, by class",
            [
                .name("Class"), .number("Answered"), .number("Last call"),
                .number("Calls before"), .number("Calls after"), .number("Answers after"),
                .number("Cancelled"), .number("Unknown"),
                .state("Confirmed"), .state("Ran again"),
            ], report.points, isBroad: true
        ) { point in
            [.safe(point.pointClass)]
                + [
                    "\(point.acknowledgedMilliseconds) ms", "\(point.lastMilliseconds) ms",
                    "\(point.callsBefore)", "\(point.callsAfter)", "\(point.answersAfter)",
                    "\(point.cancelled)", "\(point.unknown)",
                    point.isConfirmed ? "yes" : "no", point.ranAgain ? "yes" : "no",
                ].map(HTML.text)
        }.html
    }
}

private enum DrillLabels {
    static func result(_ report: DrillReport) -> HTML {
        report.passed
            ? badge("passed", .low)
            : badge("failed", .high)
    }

    @HTMLBuilder static func signOff(_ drill: ListedDrill) -> [HTML] {
        if drill.signers.isEmpty { "not signed off" }
        for (place, person) in drill.signers.enumerated() {
            if place > 0 { ", " }
            Shape.person(person)
        }
        if !drill.signers.isEmpty, !drill.isSignedOff { ", who answers for security no more" }
    }
}

extension DrillStatus.Word {
    var words: String {
        switch self {
        case .none: "the policy demands no drills"
        case .fine: "in time"
        case .dueSoon: "due soon"
        case .overdue: "overdue"
        case .failed: "the last one failed"
        case .declared: "Not tested"
        }
    }
}
