package import InterlockModel

/// The status of what a page is about: an icon and words on one line. Its popover names the evidence and its age, and
/// works without a script (docs/specs/console.md, section 3).
///
/// INVARIANT: a badge is green only if its evidence is complete and fresh. A check that is older than three of its
/// intervals is unknown already where it is read (`HealthCheck`); every other status is read for the page itself.
package struct StatusBadge {
    /// The icon and colour. A filled ground means that a person should act.
    package enum Kind: CaseIterable {
        /// A complete and fresh check found it well.
        case working
        /// It works, and a person should act.
        case attention
        case problem
        /// A halt or a quarantine holds it.
        case stopped
        /// A person has to decide or sign.
        case pending
        /// Nothing is known of it.
        case unknown
        /// Outcomes of calls, which colour the icon alone.
        case allowed, denied
        /// A state that is neither good nor bad.
        case plain
    }

    package let kind: Kind
    /// Composed by this program from literals and numbers.
    package let words: String
    /// The source of the status, as a sentence.
    package let evidence: String
    /// The time since the oldest evidence, or nil if the status was read when the page was made.
    package var age: Duration?

    package init(_ kind: Kind, _ words: String, from evidence: String, age: Duration? = nil) {
        self.kind = kind
        self.words = words
        self.evidence = evidence
        self.age = age
    }

    private static let anchor = Anchor("evidence")

    /// The badge, which is the button of its popover.
    package var button: HTML {
        element(
            .button, .style([.badge] + kind.styles), .word(.type, "button"),
            .anchor(.popovertarget, Self.anchor)
        ) {
            kind.icon.html
            element(.span) { words }
        }
    }

    /// - Parameter time: the time of the page, or nil on pages without sign-in.
    package func popover(at time: Timestamp?) -> HTML {
        element(
            .div, .id(Self.anchor), .flag(.popover), .word(.role, "dialog"),
            .text(.label, "Evidence of the status")
        ) {
            element(.p) {
                element(.strong) { words }
            }
            element(.p) { evidence }
            if let time {
                element(.p, .style(.hint)) {
                    "As of "
                    Shape.exact(time)
                    age.map { ", checked \(Shape.duration($0)) ago" } ?? ""
                }
            }
        }
    }
}

extension StatusBadge.Kind {
    package var styles: [Style] {
        switch self {
        case .working: [.good]
        case .attention: [.warning]
        case .problem: [.bad]
        case .stopped: [.stopped]
        case .pending: [.pending]
        case .unknown: [.unknown]
        case .allowed: [.toneCalm]
        case .denied: [.toneBad]
        case .plain: []
        }
    }

    package var icon: Icon {
        switch self {
        case .working, .allowed: .check
        case .attention: .triangle
        case .problem, .denied: .cross
        case .stopped: .stop
        case .pending: .clock
        case .unknown: .question
        case .plain: .info
        }
    }
}

extension StatusBadge {
    /// - Parameter status: the HTTP status of an error page.
    package init(ofError status: Int) {
        let (kind, words): (Kind, String) =
            switch status {
            case 404: (.plain, "Not found")
            case 401, 403: (.attention, "No access")
            case 429, 503: (.attention, "Try again")
            case 500...: (.problem, "Failed")
            default: (.attention, "Not done")
            }
        self.init(kind, words, from: "The gateway answered this request with \(status).")
    }
}
