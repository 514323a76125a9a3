package import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
package import InterlockPolicyReview

private let words = JSONSchemaType.text(.plain(0...1_000_000))
private let filePath = JSONSchemaType.text(.plain(1...4096))
private let shortName = JSONSchemaType.text(.plain(1...512))

extension RevisionFileDiff: ResponseRecord {
    package static let form = ResponseSchema<RevisionFileDiff>(
        "PolicyFiles",
        .init("files", .list(of: FileDiff.self, 0...30_000), "That differ, by path.") { $0.files },
        .init("unchanged", .list(of: UnchangedFile.self, 0...30_000), "That are signed too.") {
            $0.unchanged
        },
        .init("whole", .truth, "False if some lines are too many to be listed.") { $0.isWhole })
}

extension RevisionFileDiff.UnchangedFile: ResponseRecord {
    package static let form = ResponseSchema<RevisionFileDiff.UnchangedFile>(
        "PolicyFile",
        .init("path", filePath, "Its path, in the policy folder or next to it.") { $0.path },
        .init("digest", .text(.digest), "SHA-256 of the file.") { $0.digest.prefixed })
}

extension FileDiff: ResponseRecord {
    package static let form = ResponseSchema<FileDiff>(
        "PolicyFileDiff",
        .init("path", filePath, "Its path, in the policy folder or next to it.") { $0.path },
        .init("change", .choice(of: Change.self), "What happened to it.") { $0.change.rawValue },
        .maybe("digest", .text(.digest), "SHA-256 of the new file, if there is one.") {
            $0.digest?.prefixed
        },
        .init("added", .count, "Lines.") { $0.added },
        .init("removed", .count, "Lines.") { $0.removed },
        .init("text", .truth, "False if it is not UTF-8; no lines are then listed.") { $0.isText },
        .init("shortest", .truth, "False if more lines are replaced than differ.") {
            $0.isShortest
        },
        .init("hunks", .list(of: Hunk.self, 0...20_000), "With three lines around each.") {
            $0.hunks
        })
}

extension FileDiff.Hunk: ResponseRecord {
    package static let form = ResponseSchema<FileDiff.Hunk>(
        "PolicyFileHunk",
        .init("old_line", .count, "The first line in the old file, from 1.") { $0.oldStart },
        .init("new_line", .count, "The first line in the new file, from 1.") { $0.newStart },
        .init("lines", .list(of: FileDiff.Line.self, 0...20_000), "In order.") { $0.lines })
}

extension FileDiff.Line: ResponseRecord {
    package static let form = ResponseSchema<FileDiff.Line>(
        "PolicyFileLine",
        .init("kind", .choice(["same", "removed", "added"]), "What happened to it.") {
            switch $0.kind {
            case .same: "same"
            case .removed: "removed"
            case .added: "added"
            }
        },
        .init("text", .text(.plain(0...4_194_304)), "Without its line break.") { $0.text },
        .init("unended", .truth, "True if there is no line break.") { $0.isUnended })
}

extension WorstCaseComparison: ResponseRecord {
    package static let form = ResponseSchema<WorstCaseComparison>(
        "WorstCases",
        .init("agents", .list(of: WorstCaseChange.self, 0...100), "Whose worst case differs.") {
            $0.changes
        },
        .init("unread", .count, "Agents that change too and were not computed.") { $0.unread })
}

extension WorstCaseChange: ResponseRecord {
    package static let form = ResponseSchema<WorstCaseChange>(
        "WorstCase",
        .init("agent", shortName, "Which.") { $0.agent.text },
        .init("parts", .list(of: Line.self, 0...100_000), "What differs.") { $0.lines })
}

extension WorstCaseChange.Line: ResponseRecord {
    package static let form = ResponseSchema<WorstCaseChange.Line>(
        "WorstCasePart",
        .init("subject", words, "A tool, or the name of the part.") { $0.subject },
        .init("before", words, "Under the policy in force.") { $0.before },
        .init("after", words, "Under what waits.") { $0.after })
}

extension SimulationStatus: ResponseRecord {
    package static let form = ResponseSchema<SimulationStatus>(
        "PolicySimulation",
        .init(
            "state", .choice(["calculating", "done", "failed"]),
            "`calculating`: ask again after a second; it ends within 30."
        ) {
            switch $0 {
            case .calculating: "calculating"
            case .done: "done"
            case .failed: "failed"
            }
        },
        .maybe("reason", words, "Why it failed.") { status -> String? in
            if case .failed(let refusal, _) = status { "\(refusal)" } else { nil }
        },
        .maybe("again", .count, "The parameter that starts a failed one anew.") {
            status -> UInt64? in
            if case .failed(_, let number) = status { number } else { nil }
        },
        .maybe("result", SimulationView.form.shape, "Once it is done.") {
            status -> SimulationView? in
            if case .done(let view) = status { view } else { nil }
        })
}

extension SimulationView: ResponseRecord {
    package static let form = ResponseSchema<SimulationView>(
        "SimulatedCalls",
        .init("since", .text(.time), "The oldest record that was read.") { $0.since },
        .init("until", .text(.time), "The newest.") { $0.until },
        .init("cut", .truth, "True if only the newest calls of 30 days were decided again.") {
            $0.isCut
        },
        .init("all_agents", .truth, "False if it is about the agents of the reader alone.") {
            $0.isWhole
        },
        .init("calls", .count, "Decided again.") { $0.decided },
        .init("easier", .count, "Of these.") { $0.count(.easier) },
        .init("stricter", .count, "Of these.") { $0.count(.stricter) },
        .init("approvals_before", .count, "Calls for which people were asked.") {
            $0.approvals.before
        },
        .init("approvals_after", .count, "Calls for which people would be asked.") {
            $0.approvals.after
        },
        .init("erased", .count, "Not decided again: their input was erased.") {
            $0.unknown[.erased] ?? 0
        },
        .init("gone", .count, "Not decided again: their input cannot be read.") {
            $0.unknown[.gone] ?? 0
        },
        .init("withheld", .count, "Not decided again: a guard may read what was withheld.") {
            $0.unknown[.withheld] ?? 0
        },
        .init(
            "changes", .list(of: PolicySimulation.Change.self, 0...100_000),
            "Calls decided otherwise, by agent, tool and verdicts; the easier ones first."
        ) { $0.changes },
        .init("rules", .list(of: RuleCoverage.Row.self, 0...1_000_000), "Of what waits.") {
            $0.coverage.rows
        },
        .init(
            "rules_in_force", .list(of: RuleCoverage.Row.self, 0...1_000_000),
            "Of the policy in force, by the names that the log states."
        ) { $0.recorded.rows })
}

extension PolicySimulation.Change: ResponseRecord {
    package static let form = ResponseSchema<PolicySimulation.Change>(
        "SimulatedChange",
        .init("direction", .choice(["easier", "stricter"]), "What the call would have needed.") {
            $0.direction.rawValue
        },
        .init("agent", shortName, "Which.") { $0.agent.text },
        .init("tool", shortName, "Which.") { $0.tool.description },
        .init("before", shortName, "As recorded.") { $0.before.description },
        .init("after", shortName, "Under what waits.") { $0.after.description },
        .init("calls", .count, "How many.") { $0.count },
        .init(
            "obligations_before", .list(shortName, count: 0...64),
            "If they are what differs; empty if the verdict is."
        ) { $0.obligations?.before ?? [] },
        .init("obligations_after", .list(shortName, count: 0...64), "Likewise.") {
            $0.obligations?.after ?? []
        },
        .init("examples", .list(of: Example.self, 0...3), "The first ones that were read.") {
            $0.examples
        })
}

extension PolicySimulation.Change.Example: ResponseRecord {
    package static let form = ResponseSchema<PolicySimulation.Change.Example>(
        "SimulatedCall",
        .init("record", .count, "The index of its record.") { $0.index },
        .init("at", .text(.time), "When it was decided.") { $0.at },
        .init("rule", words, "The rule that would have decided.") { $0.rule })
}

extension RuleCoverage.Row: ResponseRecord {
    package static let form = ResponseSchema<RuleCoverage.Row>(
        "CoveredRule",
        .init("rule", words, "By which decisions and links name it.") { $0.name },
        .init("kind", shortName, "The kind; `built-in` for a reason that no rule states.") {
            $0.kind
        },
        .init("calls", .count, "That it decided; 0: never reached.") { $0.calls })
}
