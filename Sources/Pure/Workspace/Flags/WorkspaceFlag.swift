/// A property of a change that a person must approve by its name before the change is applied.
package enum WorkspaceFlag: String, CaseIterable, Comparable, Sendable {
    /// Other programs run the entry, or run because of it: settings, hooks, build files.
    case executesLater = "executes_later"
    /// A symbolic link with an absolute target, or with one that leaves the workspace by `..`.
    case symlinkOutside = "symlink_outside"
    /// The set-user or set-group bit. The bit itself is never applied.
    case setID = "setid"
    /// A file that can be executed, and could not before.
    case newExecutable = "new_executable"
    /// No file, directory or link, or an entry that only the kernel's overlay can read.
    case specialFile = "special_file"
    /// Extended attributes. They are never applied, and a file that is replaced loses its own.
    case xattr
    /// More bytes than a person can review.
    case tooLarge = "too_large"
    /// A name with bytes that a reader does not recognise.
    case controlCharacterInName = "control_char_in_name"
    /// The change is in the place of an entry that the agent was not shown.
    case hidden

    /// False if no approval permits the change to be applied.
    package var isApprovable: Bool { self != .specialFile && self != .hidden }

    package static func < (a: WorkspaceFlag, b: WorkspaceFlag) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
