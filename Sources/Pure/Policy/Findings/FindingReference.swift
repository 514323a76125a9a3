/// The page of all findings, generated from their codes.
package enum FindingReference {
    package static let text: String = {
        let grades: [(FindingGrade, String, String)] = [
            (.error, "Errors", "Nothing is compiled."),
            (
                .lint, "Lint errors",
                "The policy is compiled, every command works on it, and the gateway holds what is unfit."
            ),
            (.warning, "Warnings", "Each asks for a change, or for a waiver with owner and date."),
            (.unsupported, "Not served", "Sound, and refused by `serve` of this version."),
            (
                .unearned, "Not acting yet",
                "Sound and served. `interlock policy check --served` names each; none fails the check."
            ),
        ]
        let sections = grades.map { grade, title, about in
            let rows = FindingCode.allCases.filter { $0.grade == grade }
                .sorted { $0.rawValue < $1.rawValue }.map(\.row)
            let head =
                grade == .lint
                ? "| code | says | gateway | mend it |\n|---|---|---|---|"
                : "| code | says | mend it |\n|---|---|---|"
            return "## \(title)\n\n\(about)\n\n\(head)\n" + rows.joined(separator: "\n")
        }
        return """
            # Findings

            Made by `interlock policy schema --findings`; a test compares it. A finding is one line,
            `FILE:LINE:COLUMN CODE MESSAGE`, with advice on a `help:` line; codes are never used again.


            """ + sections.joined(separator: "\n\n") + "\n"
    }()
}

extension FindingCode {
    fileprivate var row: String {
        let (says, remedy) = meaning
        guard let consequence else { return "| \(rawValue) | \(says) | \(cell(remedy)) |" }
        return "| \(rawValue) | \(says) | \(consequence.words) | \(cell(remedy)) |"
    }

    private func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}

extension LintConsequence {
    fileprivate var words: String {
        switch self {
        case .hold: "the agent runs at stage `observe`"
        case .grantsNothing: "grants nothing"
        case .readOnlyLater: "reads only, 14 days after"
        case .refuse: "the policy is never loaded"
        }
    }
}
