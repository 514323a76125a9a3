#if DEBUG
    import InterlockModel

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

        static let badges = [
            DesignPage.Specimen("Working", "badge(\"Working\", .good)") { badge("Working", .good) },
            DesignPage.Specimen("Attention", "badge(\"Not signed\", .warning)") {
                badge("Not signed", .warning)
            },
            DesignPage.Specimen("Problem", "badge(\"Stopped\", .bad)") { badge("Stopped", .bad) },
            DesignPage.Specimen("Unknown", "badge(\"Unknown\", .unknown)") {
                badge("Unknown", .unknown)
            },
            DesignPage.Specimen("Neither good nor bad", "badge(\"Pending\")") { badge("Pending") },
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
            DesignPage.Specimen("Way back", "crumbs(\"Agents\", Link(\"agents\"))") {
                crumbs("Agents", Link("agents"))
            },
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
            DesignPage.Specimen("Nothing yet", "table.html(or:)") {
                element(.p, .style(.empty)) { "No calls since 09:41" }
            },
            DesignPage.Specimen("No match") {
                element(.p, .style(.empty)) {
                    "No match. "
                    hyperlink(Link("agents")) { "Clear filters" }
                }
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
#endif
