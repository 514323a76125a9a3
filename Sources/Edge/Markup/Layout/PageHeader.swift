package import InterlockModel

/// The top of every page, in one pattern: the way back, the kind, the name, one status, the facts known first, and the
/// next steps (docs/specs/console.md, section 2). It answers the question of its page without scrolling.
package struct PageHeader {
    package static let mostFacts = 5
    /// The number of actions besides the primary one that are not under "More".
    package static let mostActions = 2

    /// The link to the page above this one.
    package struct Back {
        package let words: String
        package let link: Link

        package init(words: String, link: Link) {
            self.words = words
            self.link = link
        }
    }

    private let back: Back?
    /// The kind of thing that the page shows, a literal of this program; nil if the name says it.
    private let kind: String?
    private let name: [HTML]
    private let status: StatusBadge
    private var sentence: [HTML] = []
    private var facts: [HTML] = []
    /// The one step that the page is for; nil if nothing has to be done.
    package var primary: HeaderAction?
    private var actions: [HeaderAction] = []
    /// The actions that are always under "More".
    private var rare: [HeaderAction] = []

    /// - Parameter name: a literal of this program, or a text whose characters were checked.
    package init(_ name: String, kind: String? = nil, back: Back? = nil, _ status: StatusBadge) {
        self.init(kind: kind, back: back, status) { name }
    }

    // Written out for the reason that `Page.init` is.
    package init(
        kind: String? = nil, back: Back? = nil, _ status: StatusBadge,
        @HTMLBuilder name: () -> [HTML]
    ) {
        self.back = back
        self.kind = kind
        self.status = status
        self.name = name()
    }

    /// Adds to the sentence next to the status: its cause, and what ends it.
    package mutating func say(@HTMLBuilder _ content: () -> [HTML]) { sentence += content() }

    /// Adds a fact. Those after the fifth are left out.
    ///
    /// - Parameter name: a literal of this program.
    package mutating func fact(_ name: String, @HTMLBuilder _ content: () -> [HTML]) {
        assert(facts.count < Self.mostFacts, "a header has at most five facts")
        guard facts.count < Self.mostFacts else { return }
        facts.append(
            element(.div) {
                element(.dt) { name }
                element(.dd) { content() }
            })
    }

    /// Adds a text of any origin; omitted if it is nil or empty.
    package mutating func fact(_ name: String, text: String?) {
        guard let text, !text.isEmpty else { return }
        fact(name) { SafeText.text(text) }
    }

    package mutating func add(_ action: HeaderAction?) {
        if let action { actions.append(action) }
    }

    /// Adds a step that few people need, under "More".
    package mutating func addRare(_ action: HeaderAction?) {
        if let action { rare.append(action) }
    }

    /// - Parameters:
    ///   - time: the time of the page, or nil on pages without sign-in.
    ///   - contact: the mark of contact with the gateway, outside the part that refreshes itself.
    package func html(at time: Timestamp?, @HTMLBuilder contact: () -> [HTML] = { [] }) -> HTML {
        element(.div, .style(.head)) {
            // The popover is no part of the version: it would close whenever the age in it changes.
            element(
                .div, .style(.lead), .id(Self.anchor), .flag(.isLive),
                .text(.version, seen.look)
            ) {
                seen
                status.popover(at: time)
            }
            contact()
        }
    }

    private static let anchor = Anchor("summary")
    private static let more = Anchor("more-actions")

    @HTMLBuilder private var seen: [HTML] {
        element(.div) {
            if let back { crumbs(back.words, back.link) }
            if let kind { element(.p, .style(.kind)) { kind } }
            element(.h1) { name }
        }
        element(.div, .style(.row)) {
            status.button
            if !sentence.isEmpty { element(.p) { sentence } }
        }
        if !facts.isEmpty { element(.dl, .style(.line)) { facts } }
        if primary != nil || !actions.isEmpty || !rare.isEmpty { steps }
    }

    private var folded: [HeaderAction] { actions.dropFirst(Self.mostActions) + rare }

    private var steps: HTML {
        element(.div, .style(.acts)) {
            primary?.html(isPrimary: true) ?? .group([])
            for action in actions.prefix(Self.mostActions) { action.html() }
            if !folded.isEmpty {
                element(
                    .button, .style(.act), .word(.type, "button"),
                    .anchor(.popovertarget, Self.more)
                ) {
                    Icon.more.html
                    element(.span) { "More actions" }
                }
                element(
                    .div, .id(Self.more), .flag(.popover), .word(.role, "dialog"),
                    .text(.label, "More actions")
                ) {
                    element(.div, .style(.acts)) {
                        for action in folded { action.html() }
                    }
                }
            }
        }
    }
}

/// A next step in the header of a page: a link to a page, or to the form of this page that does it.
package struct HeaderAction {
    /// Verb and object.
    package let words: String
    package let link: Link
    /// True for what stops or takes away.
    package var isDanger = false

    package init(_ words: String, _ link: Link, isDanger: Bool = false) {
        self.words = words
        self.link = link
        self.isDanger = isDanger
    }

    package func html(isPrimary: Bool = false) -> HTML {
        let styles: [Style] = isPrimary ? [.act, .primary] : isDanger ? [.act, .danger] : [.act]
        return hyperlink(link, .style(styles)) { words }
    }
}
