import InterlockJSON

/// The extended attributes of an entry of the upper, by their names.
package struct AttributeNames: Hashable, Sendable {
    /// A directory that covers the one of the lower.
    package private(set) var isOpaque = false
    /// An attribute of the overlay that a run cannot set: the entry is a part of another one, or another tree was put
    /// in the place of the upper.
    package private(set) var special: SpecialKind?
    /// An attribute that the agent or the project set.
    package private(set) var hasOwn = false

    private static let overlay = "user.overlay."
    /// The notes of the overlay that change nothing in what is seen. `overlay.` begins the agent's own attributes of
    /// such a name, which the kernel keeps apart.
    private static let harmless: Set<ExactText> = ["origin", "impure", "uuid", "nlink", "protattr"]
    /// The labels that the host gives every file.
    private static let ofHost: Set<ExactText> = [
        "security.selinux", "security.ima", "security.evm",
    ]

    package init() {}

    /// - Parameter value: the value of `user.overlay.opaque`; not read for other names.
    package mutating func add(_ name: String, value: [UInt8] = []) {
        guard name.hasPrefix(Self.overlay) else {
            hasOwn = hasOwn || !Self.ofHost.contains(name)
            return
        }
        let note = String(name.dropFirst(Self.overlay.count))
        switch note {
        case _ where note.hasPrefix("overlay."): hasOwn = true
        case "opaque" where value == Array("y".utf8): isOpaque = true
        case "redirect": special = .redirect
        case "metacopy": special = .metacopy
        case _ where Self.harmless.contains(note): break
        default: special = special ?? .overlayAttribute
        }
    }
}
