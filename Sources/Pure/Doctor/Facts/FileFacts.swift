/// One file as the user of the host sees it: its bytes or the reason why they cannot be had, and who can change it.
package struct FileFacts: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        case absent
        /// It exists, as far as is known, and cannot be read: a reason such as `permission denied`.
        case unreadable(String)
        case bytes([UInt8])
    }

    /// A folder, link or file on the way to the content, the content included.
    package struct Step: Sendable, Hashable {
        package let path: String
        package let owner: UInt32
        /// The bits of `st_mode` below the type.
        package let permissions: UInt32
        package let isLink: Bool

        package init(path: String, owner: UInt32, permissions: UInt32, isLink: Bool = false) {
            self.path = path
            self.owner = owner
            self.permissions = permissions
            self.isLink = isLink
        }
    }

    package let path: String
    package let content: Content
    /// The steps from `/` to the file, first by its path, then by the path without links if that is another one. They end
    /// where a step cannot be found.
    package let steps: [Step]
    /// True if the file is on a mount that no process of the user can write to.
    package let isReadOnly: Bool

    package init(path: String, content: Content, steps: [Step], isReadOnly: Bool = false) {
        self.path = path
        self.content = content
        self.steps = steps
        self.isReadOnly = isReadOnly
    }

    package var isAbsent: Bool { content == .absent }

    /// Returns the reason why a user other than root can change the file, or nil if none can.
    ///
    /// - Parameter isRootMapped: false in a user namespace without an id for root, such as a run: owners say nothing
    ///   there, and only a read-only mount can have been made from outside.
    func weakness(isRootMapped: Bool) -> String? {
        guard isRootMapped else {
            return isReadOnly ? nil : "is not on a read-only mount, and root has no user id here"
        }
        for step in steps {
            if step.owner != 0 {
                return "`\(step.path)` belongs to user \(step.owner), not to root"
            }
            // The permissions of a link have no meaning.
            if !step.isLink, step.permissions & 0o022 != 0 {
                return "`\(step.path)` can be written by users other than root"
            }
        }
        return nil
    }
}
