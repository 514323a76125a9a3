import InterlockAPI
import InterlockMarkup

/// The list of single-key shortcuts. A person can turn them off in the settings (WCAG 2.1.4); none of them approves,
/// denies, signs, stops or resumes.
struct Shortcuts {
    let sections: Set<Page.Section>

    private static let dialog = Anchor("shortcuts")
    private static let title = Anchor("shortcuts-title")

    /// The keys of every page, with what each does.
    static let keys: [(keys: [String], words: String)] = [
        (["/"], "Search by name"), (["j"], "Next row"), (["k"], "Row before"),
        (["Enter"], "Open the row"), (["u"], "Back to the list"),
        (["["], "Page before"), (["]"], "Next page"),
        (["t"], "Times in UTC, and back"), (["?"], "Show this list"),
    ]

    static var button: HTML {
        element(
            .button, .style(.quiet), .word(.type, "button"), .anchor(.dialog, dialog)
        ) { "Keyboard shortcuts" }
    }

    var html: HTML {
        element(.dialog, .id(Self.dialog), .anchor(.labelledBy, Self.title)) {
            element(.h2, .id(Self.title)) { "Keyboard shortcuts" }
            table("On every page", Self.keys + [(["Ctrl K"], "Go to a page, agent, run or act")])
            table(
                "Go to a section",
                Page.Section.allCases.filter(sections.contains).map {
                    (["g", "\($0.key)"], $0.title)
                })
            element(.p, .style(.hint)) {
                "Single keys are off in fields, and can be turned off in the "
                hyperlink(SettingsRoute.page.address) { "settings" }
                "."
            }
            element(.button, .word(.type, "button"), .flag(.closes)) { "Close" }
        }
    }

    private func table(_ caption: String, _ rows: [(keys: [String], words: String)]) -> HTML {
        element(.div) {
            element(.h3) { caption }
            element(.dl, .style(.keys)) {
                for row in rows {
                    element(.dt) {
                        for (place, key) in row.keys.enumerated() {
                            if place > 0 { " then " }
                            element(.kbd) { key }
                        }
                    }
                    element(.dd) { row.words }
                }
            }
        }
    }
}

extension Page.Section {
    /// The key that leads to the section after `g`.
    var key: StaticString {
        switch self {
        case .approvals: "i"
        case .now: "o"
        case .agents: "a"
        case .runs: "r"
        case .alerts: "e"
        case .halt: "h"
        case .audit: "l"
        case .policy: "p"
        case .evals: "v"
        case .servers: "s"
        case .hosts: "c"
        case .people: "u"
        case .health: "w"
        }
    }
}
