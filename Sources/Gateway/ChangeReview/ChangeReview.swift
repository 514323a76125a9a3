package import InterlockApprovals
package import InterlockModel
package import InterlockPolicyReview
package import InterlockWorkspace

/// The changes of a run as one person sees them: those that were selected by their paths, and what an approval of them
/// would sign.
package struct ChangeReview: Sendable {
    package let run: RunID
    package let agent: AgentName
    /// The digest of the list of the project's entries at the start of the run.
    package let base: Digest
    /// The numbers of all changes of the run, and of those with a flag.
    package let count: Int
    package let flaggedCount: Int
    /// The selected paths; all changes are selected if there is none.
    package let paths: [WorkspacePath]
    /// The selected changes. Those that can be applied come first: a commit has many entries in `.git`.
    package let selected: [WorkspaceChange]
    /// The texts of selected files, by path; a file that is missing here is not shown.
    package let texts: [WorkspacePath: Text]
    /// The reason why the selection as a whole is never applied, or nil.
    package let refusal: ApplyRefusal?
    /// Nil if no selected change has a flag, or the selection is never applied.
    package let approval: Approval?

    /// The number of selected changes, without those in `.git` unless all are.
    package var reviewed: Int { selected.reviewed }

    /// The text of one changed file.
    package enum Text: Sendable {
        case diff(FileDiff)
        /// The project's file is not the one of the start of the run.
        case changedProject
        case tooLarge
    }

    /// The approval of the selected changes with a flag.
    package struct Approval: Sendable {
        /// SHA-256 of the JSON list of these changes.
        package let entries: Digest
        package let count: Int
        /// Sorted, each once.
        package let flags: [WorkspaceFlag]
        /// The number of people who have approved exactly these changes, and who must.
        package let signed: Int
        package let need: Int
        /// The time at which the first of these approvals ends; nil if there is none.
        package let until: Timestamp?
        /// True if the viewer has approved them.
        package let isByViewer: Bool
        /// The reason why an approval of the viewer would not count, or nil.
        package let exclusion: WorkspaceApprovers.Exclusion?

        package var isMet: Bool { signed >= need }
    }
}
