package import InterlockModel

/// One file that a commit changes.
package struct ChangedFile: Hashable, Sendable {
    package let path: ChangedPath
    /// The digest of the file's content after the change; nil if the commit removes the file, or if it is no regular
    /// file.
    package let digest: Digest?
    /// The bytes of the content after the change; 0 without content.
    package let size: Int64
    /// The lines added and removed; 0 for a file that Git takes for binary.
    package let added: Int
    package let removed: Int

    package init(path: ChangedPath, digest: Digest?, size: Int64, added: Int, removed: Int) {
        self.path = path
        self.digest = digest
        self.size = size
        self.added = added
        self.removed = removed
    }

    /// The digest by which the audit log knows the content; nil for an empty file, which anyone can have written.
    package var knownDigest: Digest? { size > 0 ? digest : nil }
}

/// One commit of a change, or the commit that is about to be made.
package struct CommitChange: Hashable, Sendable {
    package let commit: GitObjectID
    package let message: [UInt8]
    /// Compared with the first parent, or for a merge with all parents: the files that differ from each of them.
    package let files: [ChangedFile]

    package init(commit: GitObjectID, message: [UInt8], files: [ChangedFile]) {
        self.commit = commit
        self.message = message
        self.files = files
    }
}
