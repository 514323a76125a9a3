/// The drawings of the console: strokes on a grid of 20 pixels, in the colour of their words
/// (docs/specs/console.md, section 2).
package enum Icon: String, Sendable, CaseIterable {
    case inbox, overview, agent, run, alert, stop, audit, policy, eval, server, host, person
    case health, more
    case check, cross, clock, triangle, question, info, copy
    /// The marks of proofs: proved, cosigned too, not checked.
    case proved, cosigned, dash

    /// A path in the language of SVG.
    package var path: StaticString {
        switch self {
        case .inbox: "M3 11 5 4h10l2 7v5H3zM3 11h4l1 2h4l1-2h4"
        case .overview: "M3 14a7 7 0 1 1 14 0M10 14l3-5M3 17h14"
        case .agent: "M4 8h12v8H4zM10 8V4M10 4h.01M8 12h.01M12 12h.01"
        case .run: "M6 4l10 6-10 6z"
        case .alert: "M5 14V9a5 5 0 0 1 10 0v5l1 1H4zM9 17h2"
        case .stop: "M7 3h6l4 4v6l-4 4H7l-4-4V7zM7 10h6"
        case .audit: "M5 3h10v14H5zM8 7h4M8 10h4M8 13h2"
        case .policy: "M10 3l6 2v5c0 3.5-2.5 6-6 7-3.5-1-6-3.5-6-7V5z"
        case .eval: "M5 4h10v13H5zM8 4V2.5h4V4M7.5 11l2 2 3.5-4"
        case .server: "M4 4h12v5H4zM4 11h12v5H4zM7 6.5h.01M7 13.5h.01"
        case .host: "M3 4h14v12H3zM6 8l3 2-3 2M11 13h3"
        case .person: "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c0-3.5 2.5-5 6-5s6 1.5 6 5"
        case .health: "M3 10h4l2-5 3 10 2-5h3"
        case .more: "M4 6h12M4 10h12M4 14h12"
        case .check: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7 10l2 2 4-4"
        case .cross: "M7 3h6l4 4v6l-4 4H7l-4-4V7zM8 8l4 4M12 8l-4 4"
        case .proved: "M4 10.5l4 4 8-9"
        case .cosigned: "M1.5 10.5l4 4 8-9M9 13.5l1 1 8-9"
        case .dash: "M4 10h12"
        case .clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l3 2"
        case .triangle: "M10 3l7.5 13h-15zM10 8v4M10 14h.01"
        case .info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9v5M10 6.5h.01"
        case .copy: "M7 7h9v9H7zM4 13V4h9"
        case .question:
            "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM8 8.5a2 2 0 1 1 2.5 2c-.5.2-.5.5-.5 1M10 13.5h.01"
        }
    }

    /// The icon, for eyes alone: the words next to it say the same.
    package var html: HTML {
        element(.svg, .style(.icon), .word(.ariaHidden, "true")) {
            element(.use, .iconReference(self))
        }
    }

    /// All drawings, to which the icons of a page refer.
    package static let symbols = element(.svg, .style(.icons), .word(.ariaHidden, "true")) {
        for icon in allCases {
            element(.symbol, .icon(icon), .word(.viewBox, "0 0 20 20")) {
                element(.path, .word(.drawing, icon.path))
            }
        }
    }
}

extension Icon {
    /// The icon of a state; nil for badges that are no state, such as tiers.
    package init?(ofBadge styles: [Style]) {
        if styles.contains(.good) {
            self = .check
        } else if styles.contains(.warning) {
            self = .triangle
        } else if styles.contains(.bad) {
            self = .cross
        } else if styles.contains(.unknown) {
            self = .question
        } else {
            return nil
        }
    }
}
