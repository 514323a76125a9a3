import InterlockJSON

/// An absolute path of a folder, without `.`, `..` and empty names. Links are not followed, and bytes are not normalised.
package struct FolderPath: Hashable, Sendable {
    private static let longestBytes = 4096
    private let names: [ExactText]

    /// The folder that contains every other one.
    package static let root = FolderPath(names: [])

    private init(names: [ExactText]) { self.names = names }

    /// - Returns: nil if the text is not absolute, has a zero byte, or more than 4096 bytes.
    package init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= Self.longestBytes,
            !text.utf8.contains(0)
        else { return nil }
        var names: [ExactText] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/")) {
            let name = String(decoding: part, as: UTF8.self)
            switch name {
            case ".": break
            case "..": _ = names.popLast()
            default: names.append(ExactText(name))
            }
        }
        self.init(names: names)
    }

    /// The path that a text means in a folder. One that is absolute means the same in each.
    ///
    /// - Returns: nil as for an absolute path.
    package init?(_ text: String, in folder: FolderPath) {
        self.init(text.utf8.first == UInt8(ascii: "/") ? text : folder.text + "/" + text)
    }

    package var text: String { "/" + names.map(\.text).joined(separator: "/") }

    /// The folder that this one is in; the root is in itself.
    package var parent: FolderPath { FolderPath(names: Array(names.dropLast())) }

    /// Returns true if `other` is this folder or below it.
    package func contains(_ other: FolderPath) -> Bool { other.names.starts(with: names) }

    /// Returns true if one of the two contains the other.
    package func isRelated(to other: FolderPath) -> Bool {
        contains(other) || other.contains(self)
    }
}
