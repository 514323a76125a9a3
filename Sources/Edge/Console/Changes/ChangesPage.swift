import InterlockChangeReview
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview
import InterlockWorkspace

/// `/runs/ID/changes`: what a sandboxed run changed in its workspace, with the text of changed files, and the approval of
/// changes with a flag.
struct ChangesPage {
    let review: ChangeReview
    /// The person who signs, or nil if orders cannot be signed here.
    let signer: OrderSigner?

    private var path: WorkspacePath? { review.paths.first }
    var title: String { "Changes of run \(review.run.text)" }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Changes", back: .init(words: "Run", link: Link("runs", review.run.text)),
            status
        ) {
            "Changes of "
            SafeText.text(review.agent.text)
        }
        header.fact("Run") { Shape.short(review.run.text) }
        header.fact("Changes") { "\(review.count)" }
        header.fact("With flags") { "\(review.flaggedCount)" }
        if let path { header.fact("Selected") { SafeText.text(path.escaped) } }
        return header
    }

    private var status: StatusBadge {
        let evidence = "The layer of the run and the approvals of this gateway."
        guard review.refusal == nil else {
            return StatusBadge(.problem, "Not applicable as a whole", from: evidence)
        }
        guard let approval = review.approval else {
            return StatusBadge(.plain, "No approval needed", from: evidence)
        }
        return approval.isMet
            ? StatusBadge(.allowed, "Approved", from: evidence)
            : StatusBadge(
                .pending, "\(approval.signed) of \(approval.need) approvals", from: evidence)
    }

    @HTMLBuilder var content: [HTML] {
        card("Selection", .part) { selection }
        card("Changed entries", .part) {
            if isCut {
                notice(.warning) {
                    "\(review.reviewed) changes are too many for a page. Select a folder, or use the command line."
                }
            } else {
                table.html(or: "The run changed nothing here.")
                if listed.count < review.selected.count {
                    element(.p, .style(.hint)) {
                        "And \(review.selected.count - listed.count) more in .git, which are never applied."
                    }
                }
            }
        }
        if !isCut, !files.isEmpty {
            card("Texts", .part) { texts }
        }
        card("Approval", .part) { approval }
        card("Apply", .part) { apply }
    }

    private var isCut: Bool { review.reviewed > ChangeReviewService.mostShown }
    private var listed: ArraySlice<WorkspaceChange> {
        review.selected.prefix(ChangeReviewService.mostShown)
    }

    @HTMLBuilder private var selection: [HTML] {
        element(.p) {
            path == nil
                ? "All changes of the run. An entry in the table selects it and all below it."
                : "One entry and all below it."
        }
        if path != nil { hyperlink(link(nil)) { "Select all changes" } }
    }

    private var table: Table {
        Table(
            "Changed entries",
            [.name("Entry"), .state("Change"), .text("Flags"), .number("Size", .second)],
            Array(listed)
        ) { change in
            [
                hyperlink(link(change.path)) { SafeText.text(change.path.escaped) },
                .text(words(change) + (change.isOfGit ? ", never applied" : "")),
                change.flags.isEmpty
                    ? .text("-")
                    : .group(
                        change.flags.map { flag in
                            element(.p) {
                                badge(flag.label, flag.isApprovable ? .warning : .bad)
                            }
                        }),
                .text(size(change)),
            ]
        }
    }

    private func link(_ path: WorkspacePath?) -> Link {
        Link("runs", review.run.text, "changes", query: [("selection", path?.escaped)])
    }

    private func words(_ change: WorkspaceChange) -> String {
        let operation =
            switch change.operation {
            case .create: "New"
            case .modify: "Changed"
            case .replace: "Replaced"
            case .delete: "Deleted"
            }
        let kind =
            switch change.kind == .delete ? change.kindBefore ?? .delete : change.kind {
            case .file: "file"
            case .directory: "folder"
            case .symlink: "link"
            case .special, .delete: "special entry"
            }
        return "\(operation) \(kind)"
    }

    private func size(_ change: WorkspaceChange) -> String {
        if case .file(let size, _, _, _)? = change.after {
            Shape.grouped(size) + " bytes"
        } else {
            "-"
        }
    }

    /// The selected files whose texts are of interest: those in `.git` have none here, unless all are in it.
    private var files: [WorkspaceChange] {
        review.selected.prefix(review.reviewed).filter {
            $0.kind == .file || $0.kindBefore == .file
        }
    }

    @HTMLBuilder private var texts: [HTML] {
        for change in files {
            switch review.texts[change.path] {
            case .diff(let diff):
                FileDiffView(diff: RevisionFileDiff(files: [diff])).content
            case .changedProject:
                unshown(change, "was changed in the project since the start of the run")
            case .tooLarge: unshown(change, "is too large to be shown")
            case nil: unshown(change, "is not shown, as the page has many texts: select it")
            }
        }
        for change in review.selected {
            if case .link(let target)? = change.after {
                element(.p) {
                    SafeText.text(change.path.escaped)
                    " leads to "
                    SafeText.quoted(EscapedBytes.text(target))
                }
            }
        }
    }

    private func unshown(_ change: WorkspaceChange, _ reason: String) -> HTML {
        element(.p, .style(.hint)) {
            SafeText.text(change.path.escaped)
            " "
            reason
        }
    }

    @HTMLBuilder private var approval: [HTML] {
        if let refusal = review.refusal {
            notice(.bad) { SafeText.text(refusal.message) }
            element(.p) { "Leave it out: select other entries." }
        } else if let approval = review.approval {
            facts(approval)
            if approval.isMet {
                notice(.good) { "Approved. It counts for one apply of exactly these changes." }
            } else if isCut {
                element(.p, .style(.hint)) {
                    "What is signed is shown whole: select fewer changes to approve them here."
                }
            } else if approval.isByViewer {
                element(.p) { "You approved. Another person has to approve too." }
            } else if let exclusion = approval.exclusion {
                element(.p, .style(.hint)) { "View only: \(exclusion)" }
            } else if let signer {
                signer.form(.changes(review.run, selection: path, flags: approval.flags))
            }
        } else {
            element(.p) { "No selected change has a flag. The operator applies them." }
        }
    }

    private func facts(_ approval: ChangeReview.Approval) -> HTML {
        var facts = Facts()
        facts.add("Flags") {
            for flag in approval.flags { element(.p) { "\(flag.label): \(flag.meaning)" } }
        }
        facts.add("Changes with flags") { "\(approval.count)" }
        facts.add("Digest of these") { element(.code) { approval.entries.prefixed } }
        facts.add("Digest of the project") { element(.code) { review.base.prefixed } }
        facts.add("Approvals needed") { "\(approval.need), \(approval.signed) signed" }
        if let until = approval.until { facts.add("Valid until") { Shape.time(until) } }
        return facts.html
    }

    @HTMLBuilder private var apply: [HTML] {
        element(.p) {
            "No page changes a project. The user of the gateway applies what is approved, and the record of it names who approved:"
        }
        element(.p) { element(.code, .style(.value)) { SafeText.text(command) } }
        element(.p, .style(.hint)) {
            "It ends with 73 while an approval is missing, and with 72 if the project changed since the start of the run."
        }
    }

    private var command: String {
        var words = ["interlock workspace apply", review.run.text]
        if let path { words.append("--path '\(path.escaped.replacing("'", with: "'\\''"))'") }
        words += (review.approval?.flags ?? []).map { "--approve-flag \($0.rawValue)" }
        return words.joined(separator: " ")
    }
}

extension WorkspaceFlag {
    var label: String {
        switch self {
        case .executesLater: "Runs later"
        case .symlinkOutside: "Link outside"
        case .setID: "Set-id"
        case .newExecutable: "New executable"
        case .specialFile: "Special file"
        case .xattr: "Attributes"
        case .tooLarge: "Too large"
        case .controlCharacterInName: "Hidden characters"
        case .hidden: "Hidden entry"
        }
    }

    var meaning: String {
        switch self {
        case .executesLater: "other programs run it, or run because of it"
        case .symlinkOutside: "a link that leaves the workspace"
        case .setID: "a set-user or set-group bit, which is never applied"
        case .newExecutable: "a file that can be executed and could not before"
        case .specialFile: "no file, folder or link; never applied"
        case .xattr: "extended attributes, which are never applied"
        case .tooLarge: "more bytes than a person can review"
        case .controlCharacterInName: "a name with characters that cannot be seen"
        case .hidden: "in the place of an entry that the agent was not shown; never applied"
        }
    }
}
