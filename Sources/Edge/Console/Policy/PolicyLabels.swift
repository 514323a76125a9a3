import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// Texts that the pages of the policy share.
enum PolicyLabels {
    /// The commands that sign a revision on disk, and the policy in force in the folder of the deployment.
    static let signOff = "interlock policy diff OLD NEW --sign KEY"
    static let firstSignOff = "interlock policy diff policy policy --sign KEY"

    /// The difference between the policy of an agent and what its calls reach at a moment.
    static let policyAlone =
        "By the policy alone. Halts, limits, hours and quarantines can deny more."

    /// A location, such as `agents/refunds.yaml:12:5`, in the format of findings and records.
    @HTMLBuilder static func place(_ place: PolicyLocation?) -> [HTML] {
        if let place {
            element(.code) { SafeText.name(place.description) }
        } else {
            element(.span, .style(.muted)) { "built in" }
        }
    }

    /// - Parameter missing: the text if the list is empty.
    @HTMLBuilder static func people(_ people: [Person], or missing: String? = nil) -> [HTML] {
        if people.isEmpty, let missing { missing }
        for (number, person) in people.enumerated() {
            if number > 0 { ", " }
            Shape.person(person)
        }
    }

    @HTMLBuilder static func lines(_ texts: [String]) -> [HTML] {
        if !texts.isEmpty {
            element(.ul, .style(.tree)) {
                for text in texts { element(.li) { SafeText.text(text) } }
            }
        }
    }

    static func findings(_ findings: [PolicyFinding], caption: String) -> HTML {
        Table(
            caption,
            [.name("Finding"), .text("Defined in"), .text("Message"), .state("Status")], findings
        ) { finding in
            [
                .group([element(.code) { finding.code }] + severity(of: finding.code)),
                .group(place(finding.place)),
                .group(
                    SafeText.text(finding.message)
                        + (finding.help.map { help in
                            [element(.p, .style(.hint)) { SafeText.text(help) }]
                        } ?? [])),
                .text(finding.isWaived ? "waived" : "open"),
            ]
        }.html
    }

    /// The severity of a finding in words; none for a code that this version does not know.
    private static func severity(of code: String) -> [HTML] {
        guard let grade = FindingCode(rawValue: code)?.grade else { return [] }
        let words =
            switch grade {
            case .error: "error"
            case .lint: "lint error"
            case .warning: "warning"
            case .unsupported: "not enforced"
            case .unearned: "no effect yet"
            }
        return [.text(" "), element(.span, .style(.muted)) { words }]
    }

    /// The name of a rule as a decision states it, with a link unless it names no rule of a policy: the reason of a
    /// decision, or an elevation of the store.
    @HTMLBuilder static func rule(_ name: String) -> [HTML] {
        if DecisionReason(rawValue: name) == nil, !name.hasPrefix("elevations.") {
            hyperlink(PolicyRoute.rule(name).link) { SafeText.text(name) }
        } else {
            SafeText.text(name)
        }
    }

    static func rules(_ rules: some Sequence<PolicyRule>, caption: String) -> HTML {
        Table(
            caption,
            [
                .name("About"), .state("Kind", .second), .text("What it says"),
                .text("For", .second), .text("Defined in", .third),
            ], rules, isLinked: true
        ) { rule in
            [
                hyperlink(PolicyRoute.rule(rule.name).link) { SafeText.name(rule.subject) },
                .text(rule.kind), rule.sentence.map { .own($0) } ?? .safe(rule.text),
                rule.agents.isEmpty
                    ? element(.span, .style(.nowrap)) { "All agents" }
                    : .text(rule.agents.map(\.text).joined(separator: ", ")),
                .group(place(rule.place)),
            ]
        }.html
    }
}
