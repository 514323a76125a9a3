import InterlockChangeReview
import InterlockModel
import InterlockSchemas
import InterlockWorkspace

extension ChangeReview: ResponseRecord {
    static let form = ResponseSchema<ChangeReview>(
        "RunChanges",
        .init("run", .text(.id), "Whose changes.") { $0.run.text },
        .init("agent", .text(.plain(1...256)), "The agent of the run.") { $0.agent.text },
        .init("base", .text(.digest), "Of the project's entries at the start of the run.") {
            $0.base.prefixed
        },
        .init("count", .count, "All changes of the run.") { $0.count },
        .init("flagged", .count, "Those with a flag.") { $0.flaggedCount },
        .init("selected", .count, "The selected changes.") { $0.selected.count },
        .init(
            "changes", .list(of: WorkspaceChange.self, 0...ChangeReviewService.mostShown),
            "The first of these."
        ) { Array($0.selected.prefix(ChangeReviewService.mostShown)) },
        .maybe("refusal", .text(.passage), "Why the selection as a whole is never applied.") {
            $0.refusal?.message
        },
        .maybe("approval", Approval.form.shape, "Of the selected changes with a flag.") {
            $0.approval
        })
}

extension ChangeReview.Approval: ResponseRecord {
    static let form = ResponseSchema<ChangeReview.Approval>(
        "RunChangesNeed",
        .init("entries", .text(.digest), "Of the list of the changes with a flag.") {
            $0.entries.prefixed
        },
        .init("count", .count, "These changes.") { $0.count },
        .init("flags", .list(.choice(of: WorkspaceFlag.self), count: 1...16), "Their flags.") {
            $0.flags.map(\.rawValue)
        },
        .init("signed", .count, "People who have approved exactly them.") { $0.signed },
        .init("need", .count, "People who must.") { $0.need },
        .init("mine", .truth, "Whether this person can approve them.") { $0.exclusion == nil })
}

extension WorkspaceChange: ResponseRecord {
    static let form = ResponseSchema<WorkspaceChange>(
        "RunChange",
        .init("path", .text(.plain(1...16_384)), "Escaped, as commands print it.") {
            $0.path.escaped
        },
        .init("kind", .choice(of: Kind.self), "What it is now.") { $0.kind.rawValue },
        .init("op", .choice(of: Operation.self), "What the run did.") { $0.operation.rawValue },
        .init(
            "flags", .list(.choice(of: WorkspaceFlag.self), count: 0...16), "Why it needs people."
        ) {
            $0.flags.map(\.rawValue)
        },
        .maybe("size", .count, "Bytes of a file.") { change in
            if case .file(let size, _, _, _)? = change.after { size } else { nil as Int64? }
        })
}
