import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The sections of the console: a column at a desk; on a phone a bar at the bottom, with all but the first sections
/// behind "More" (docs/specs/console.md, section 2). Works without a script.
struct Navigation {
    let page: Page
    let viewer: PersonSession
    let frame: Frame

    /// The sections that a phone shows in its bar. People who cannot stop have the runs in the place of that button.
    private var first: [Page.Section] { [.approvals, .now, .agents] + (mayStop ? [] : [.runs]) }

    private var rest: [[Page.Section]] {
        [
            (mayStop ? [.runs] : []) + [.alerts, .halt], [.audit, .policy, .evals],
            [.servers, .hosts, .people, .health],
        ]
    }

    private var mayStop: Bool { frame.signer(viewer)?.roles.contains(.kill) == true }

    private static let more = Anchor("sections")
    private static let stop = Anchor("stop")
    private static let stopTitle = Anchor("stop-title")
    /// The number of the form that stops all agents; other forms of a page have smaller numbers.
    private static let stopForm = 20_000

    @HTMLBuilder var html: [HTML] {
        element(.header, .style(.side)) {
            element(.a, .style(.brand), .link(.href, frame.first)) { "Interlock" }
            element(.nav, .text(.label, "Sections")) {
                list(first.filter(frame.sections.contains), .main)
                element(.div, .style(.rest), .id(Self.more), .flag(.popover)) {
                    for group in rest.map({ $0.filter(frame.sections.contains) })
                    where !group.isEmpty { list(group) }
                    who
                }
                if stopper != nil { button("Stop", .stop, Self.stop, .danger) }
                button("More", .more, Self.more, .more)
            }
        }
        if let stopper {
            element(
                .div, .id(Self.stop), .flag(.popover), .word(.role, "dialog"),
                .anchor(.labelledBy, Self.stopTitle)
            ) {
                element(.h2, .id(Self.stopTitle)) { "Stop all agents" }
                stopper.form(.halt(.org), Self.stopForm)
                button("Close", .cross, Self.stop, .quiet)
            }
        }
    }

    /// The signer of an order that stops all agents; nil for persons without the role, and on the page of halts, which
    /// shows that form itself.
    private var stopper: OrderSigner? {
        guard page.section != .halt, let signer = frame.signer(viewer),
            signer.roles.contains(.kill)
        else { return nil }
        return signer
    }

    private func list(_ sections: [Page.Section], _ styles: Style...) -> HTML {
        element(.ul, .style(styles)) {
            for one in sections {
                element(.li) {
                    let current: [Attribute] = one == page.section ? [.word(.current, "page")] : []
                    HTML.element(
                        .a, [.link(.href, one.link), .word(.key, one.key)] + current, words(of: one)
                    )
                }
            }
        }
    }

    @HTMLBuilder private func words(of section: Page.Section) -> [HTML] {
        section.icon.html
        element(.span) { section.title }
        if section == .approvals, frame.waiting > 0 {
            element(
                .span, .style(.count), .id(Anchor("waiting")), .word(.role, "img"),
                .text(.label, "\(frame.waiting) for you")
            ) { "\(frame.waiting)" }
        } else if let count = frame.counts[section], count.number > 0 {
            element(
                .span, .style(.count), .word(.role, "img"),
                .text(.label, "\(count.number) \(count.words)")
            ) { "\(count.number)" }
        }
    }

    private func button(
        _ words: String, _ icon: Icon, _ target: Anchor, _ style: Style
    ) -> HTML {
        element(.button, .style(style), .word(.type, "button"), .anchor(.popovertarget, target)) {
            icon.html
            element(.span) { words }
        }
    }

    private var who: HTML {
        element(.div, .style(.who)) {
            SafeText.text(viewer.person.address)
            hyperlink(SettingsRoute.page.address, isCurrent: page.title == SettingsPage.title) {
                Icon.person.html
                element(.span) { SettingsPage.title }
            }
            Form(action: Link("sign-out"), formToken: viewer.formToken) {
                element(.button, .style(.quiet), .word(.type, "submit")) { "Sign out" }
            }.html
        }
    }
}
