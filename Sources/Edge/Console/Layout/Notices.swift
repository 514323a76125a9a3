import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The lines above every page, the worst first: no contact, all stopped, halts, parts that fail, a policy without a
/// signature (docs/specs/console.md, section 3). Each has the link to what ends it, and none can be closed.
struct Notices {
    let frame: Frame

    private static let lost = Anchor("lost")
    private static let failing = Anchor("failing")

    private static let anchor = Anchor("notices")

    var html: HTML {
        let lines = lines
        return element(
            .div, .style(.notices), .id(Self.anchor), .flag(.isLive), .text(.version, lines.look)
        ) {
            // The script shows in it that contact is lost.
            element(
                .p, .style(.notice, .bad), .id(Self.lost), .word(.role, "alert"), .flag(.hidden))
            lines
        }
    }

    @HTMLBuilder private var lines: [HTML] {
        halts
        parts
        if frame.isUnsigned {
            line(.warning, way(.policy, "Review policy", PolicyRoute.overview.link)) {
                element(.strong) { "Policy is not signed: " }
                "any program that can write its files decides"
            }
        }
    }

    @HTMLBuilder private var halts: [HTML] {
        if let all = frame.halts.first(where: { $0.target == .org }) {
            line(.bad, way(.halt, "Resume", HaltRoute.report(all.id).link)) {
                element(.strong) { "All agents stopped" }
                reason(of: all)
            }
        }
        let others = frame.halts.filter { $0.target != .org }
        if let halt = others.first {
            if others.count == 1 {
                line(.bad, way(.halt, "Show halt", HaltRoute.report(halt.id).link)) {
                    element(.strong) { "Stopped: " }
                    target(of: halt)
                    reason(of: halt)
                }
            } else {
                line(.bad, way(.halt, "Show halts", HaltRoute.list.link)) {
                    element(.strong) { "\(others.count) active halts, the newest: " }
                    target(of: halt)
                    reason(of: halt)
                }
            }
        }
    }

    /// The name comes first: on a phone the end of the line is out of view.
    @HTMLBuilder private func target(of halt: HaltOrder) -> [HTML] {
        SafeText.text(halt.target.target)
        " (\(halt.target.scope))"
    }

    @HTMLBuilder private func reason(of halt: HaltOrder) -> [HTML] {
        " "
        Shape.time(halt.at)
        ": "
        SafeText.text(halt.reason)
    }

    /// The script shows and hides the line by the state that comes with each beat. It writes the words of a part that
    /// fails after the page was written, until the line is replaced.
    private var parts: HTML {
        let first = frame.problems.first
        let hidden: [Attribute] = first == nil ? [.flag(.hidden)] : []
        return .element(
            .div, [.style([.notice, .bad]), .id(Self.failing), .word(.role, "alert")] + hidden,
            [element(.p) { first.map(words(of:)) ?? [] }]
                + (way(.health, "Show health", Page.Section.health.link).map { [$0] } ?? []))
    }

    @HTMLBuilder private func words(of first: HealthCheck) -> [HTML] {
        element(.strong) {
            frame.problems.count == 1
                ? "\(HealthTable.name(of: first)) fails: "
                : "\(frame.problems.count) parts fail, the first: "
                    + "\(HealthTable.name(of: first)): "
        }
        SafeText.text(first.words)
    }

    /// The link that ends a notice, or nil if its section is not available here.
    private func way(_ section: Page.Section, _ words: String, _ link: Link) -> HTML? {
        frame.sections.contains(section) ? hyperlink(link) { words } : nil
    }

    private func line(
        _ kind: NoticeKind, _ way: HTML?, @HTMLBuilder _ words: () -> [HTML]
    ) -> HTML {
        let content = [element(.p, content: words)] + (way.map { [$0] } ?? [])
        return switch kind {
        case .bad: element(.div, .style(.notice, .bad), .word(.role, "alert")) { content }
        default: element(.div, .style(.notice, .warning)) { content }
        }
    }
}
