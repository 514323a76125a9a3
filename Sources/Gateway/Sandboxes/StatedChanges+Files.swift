import InterlockJSON
import InterlockWorkspace

extension StatedChanges {
    /// The escaped paths of the listed changes that are no directory, without those in `.git`, which git itself changes
    /// when a host only asks for the state.
    var files: [String] {
        listed.compactMap { change in
            guard let text = change["path"]?.string, change["kind"]?.string != "dir",
                let path = WorkspacePath(escaped: text), !LaterExecution.isOfGit(path)
            else { return nil }
            return text
        }
    }
}
