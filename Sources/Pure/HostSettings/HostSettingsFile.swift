/// A file that Interlock owns as a whole: its content is generated, never merged with a text that is there.
package struct HostSettingsFile: Sendable, Hashable {
    /// An absolute path; below the home or the project for the other scopes than `managed`, relative to it.
    package let path: String
    package let content: [UInt8]

    /// The mode of each file: its host runs as another user than the one who installs it.
    package static let mode: UInt32 = 0o644
    /// The mode of each folder that is made for one.
    package static let folderMode: UInt32 = 0o755

    package init(path: String, content: [UInt8]) {
        self.path = path
        self.content = content
    }
}
