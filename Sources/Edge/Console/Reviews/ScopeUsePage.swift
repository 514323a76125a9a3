import InterlockAPI
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// `/agents/NAME/review/scopes`: each granted tool against its use, and what is proposed to be retired.
struct ScopeUsePage {
    static let title = "Scopes and use"

    /// Nil for the organisation.
    let agent: AgentName?
    let found: ReviewUse
    let formToken: String

    private static let anchor = Anchor("compared")

    var header: PageHeader {
        let idle = found.use.tools.count { $0.state != .used }
        let status =
            idle > 0
            ? StatusBadge(.attention, "\(idle) without use", from: "The log, read for this page.")
            : StatusBadge(.plain, "Each is used", from: "The log, read for this page.")
        var header = PageHeader(
            Self.title, back: PageHeader.Back(words: "Review", link: ReviewRoute(agent).link),
            status)
        header.fact("From") { Shape.exact(found.use.period.start) }
        header.fact("To") { Shape.exact(found.use.period.end) }
        header.fact("Records read") { Shape.grouped(found.count) }
        header.fact("Policy") { Shape.digest(found.use.policy.prefixed) }
        header.primary = HeaderAction("Go to the statement", .to(Self.anchor))
        return header
    }

    @HTMLBuilder var content: [HTML] {
        card("Granted tools", .part) {
            matrix.html(or: "The scopes grant no tool.")
            element(.p, .style(.hint)) {
                "Refused calls of tools that are not granted are among the denied records of the sample."
            }
        }
        card("Proposed to be retired", .part) { retire }
        card("Statement", id: Self.anchor) {
            element(.p) {
                "States in the sign-off that scopes and use were compared under this policy."
                if found.patch != nil { " The patch is not applied by it." }
            }
            Form(action: ReviewRoute(agent, .statement).link, formToken: formToken) {
                Form.hidden("part", StatementPart.compared.rawValue)
                Form.hidden("policy", found.use.policy.prefixed)
                element(.button, .style(.approve), .word(.type, "submit")) {
                    "I compared scopes and use"
                }
            }.html
        }
    }

    private var matrix: Table {
        Table(
            "Each granted tool with its calls in the period",
            [
                .name("Tool"), .name("Agent", .second), .state("State"), .number("Calls"),
                .number("Approved"), .number("Denied"), .time("Last use"),
                .text("Largest and typical values", .second),
            ], found.use.tools, isBroad: true
        ) { tool in
            [
                .name(tool.tool.description), .name(tool.agent.text), state(tool.state),
                .text(String(tool.calls)), .text(String(tool.approvals)),
                .text(String(tool.denials)), tool.last.map { Shape.time($0) } ?? .text("–"),
                values(tool.arguments),
            ]
        }
    }

    private func state(_ state: ToolUse.State) -> HTML {
        switch state {
        case .used: badge("used", .muted)
        case .unused: badge("unused", .warning)
        case .deniedOnly: badge("only denied", .warning)
        }
    }

    private func values(_ arguments: [ArgumentUse]) -> HTML {
        guard !arguments.isEmpty else { return .text("–") }
        return .group(
            arguments.flatMap { one in
                SafeText.name(one.name) + [.text(Self.words(of: one))]
            })
    }

    private static func words(of one: ArgumentUse) -> String {
        let cap = " of at most \(one.cap): "
        guard let largest = one.largest else { return cap + "no value. " }
        let typical = one.typical.map { "\($0)" } ?? "unknown"
        let unread = one.unread > 0 ? ", \(one.unread) not known" : ""
        return cap + "largest \(largest), typical \(typical) in \(one.count) calls\(unread). "
    }

    @HTMLBuilder private var retire: [HTML] {
        if found.proposal.items.isEmpty {
            element(.p, .style(.empty)) { "Nothing." }
        } else {
            element(.ul) {
                for item in found.proposal.items { element(.li) { SafeText.text(item.words) } }
            }
        }
        for note in found.notes { notice(.warning) { SafeText.text(note) } }
        if let patch = found.patch {
            element(.details) {
                element(.summary) { "The patch" }
                element(.div, .style(.block)) {
                    for line in patch.text.split(separator: "\n") {
                        element(.div) { SafeText.text(String(line)) }
                    }
                }
            }
            element(.p, .style(.row)) {
                hyperlink(ReviewRoute(agent, .patch).link, .flag(.isFile)) { "Download the patch" }
            }
            element(.p, .style(.hint)) {
                "It is not applied by itself. In the folder that has the policy: "
                element(.code) { "patch -p1 < retire.patch" }
            }
        }
    }
}
