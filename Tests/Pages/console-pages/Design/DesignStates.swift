import InterlockMarkup
import InterlockModel

@testable import InterlockAPI
@testable import InterlockConsole

/// Icons, badges, notices and what surrounds a page.
enum DesignStates {
    static let icons = [
        DesignPage.Specimen("Every icon", "Icon.check.html") {
            element(.ul) {
                for icon in Icon.allCases {
                    element(.li) {
                        icon.html
                        " \(icon.rawValue)"
                    }
                }
            }
        }
    ]

    /// The words that go with each kind of status.
    private static func words(of kind: StatusBadge.Kind) -> String {
        switch kind {
        case .working: "Working"
        case .attention: "Not signed"
        case .problem: "Failed"
        case .stopped: "Stopped"
        case .pending: "Pending"
        case .unknown: "Unknown"
        case .allowed: "Allowed"
        case .denied: "Denied"
        case .plain: "Ended"
        }
    }

    static let badges =
        StatusBadge.Kind.allCases.map { kind in
            DesignPage.Specimen("Status: \(kind)", "StatusBadge(.\(kind), _, from: _)") {
                StatusBadge(kind, words(of: kind), from: "").button
            }
        } + [
            DesignPage.Specimen("In a list", "badge(_, .good), .warning, .bad, .unknown") {
                badge("Active", .good)
                " "
                badge("Not signed", .warning)
                " "
                badge("Stopped", .bad)
                " "
                badge("Unknown", .unknown)
                " "
                badge("Pending")
            },
            DesignPage.Specimen("Tiers", "Shape.tier(.high)") {
                Shape.tier(.low)
                " "
                Shape.tier(.medium)
                " "
                Shape.tier(.high)
            },
        ]

    static let notices = [
        DesignPage.Specimen("Done", "notice(.good)") {
            notice(.good) { "Denied, call not sent" }
        },
        DesignPage.Specimen("Attention", "notice(.warning)") {
            notice(.warning) {
                element(.strong) { "The policy in force is not signed: " }
                "any program that can write its files decides what agents may do."
            }
        },
        DesignPage.Specimen("Problem", "notice(.bad)") {
            notice(.bad) {
                element(.strong) { "Stopped: " }
                "agent refunds, because: wrong orders"
            }
        },
    ]

    static let frame = [
        DesignPage.Specimen("Tabs", "hyperlink(_, isCurrent:)") {
            element(.nav, .text(.label, "Tabs of the specimen")) {
                element(.ul) {
                    element(.li) { hyperlink(Link("policy"), isCurrent: true) { "Matrix" } }
                    element(.li) { hyperlink(Link("audit"), isCurrent: false) { "Rules" } }
                }
            }
        },
        DesignPage.Specimen("Pages of a list", "Pager(page:pages:address:)") {
            Pager(page: 2, pages: 7, label: "Pages of the specimen") {
                Link("agents", query: [("page", String($0))])
            }.content
        },
        DesignPage.Specimen("Card that keeps up", "liveCard(Anchor(\"a\"), \"Name\")") {
            liveCard(Anchor("specimen-live"), "Calls in progress") {
                element(.p, .style(.empty)) { "No calls in progress" }
            }
        },
    ]

    static let empty = [
        DesignPage.Specimen("Nothing yet", "EmptyList.html(_, _)") {
            EmptyList.html("No calls since 09:41.", ("Connect an agent", Link("agents")))
        },
        DesignPage.Specimen("No match", "EmptyList.noMatch(_)") {
            EmptyList.noMatch(Link("agents"))
        },
        DesignPage.Specimen("Calculating", "notice(.warning)") {
            notice(.warning) { "Calculating" }
        },
        DesignPage.Specimen("Error page", "console.problem(404, _)") {
            element(.p) { element(.strong) { "Agent not found, or no access" } }
            element(.p) { hyperlink(Link("approvals")) { "Inbox" } }
        },
    ]
}
