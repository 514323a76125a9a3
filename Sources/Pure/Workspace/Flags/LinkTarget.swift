/// The target of a symbolic link, judged by its text alone.
package enum LinkTarget {
    /// Returns true if the target is absolute, empty, or leaves the workspace by `..` from where the link is.
    package static func leaves(_ target: [UInt8], at path: WorkspacePath) -> Bool {
        let slash = UInt8(ascii: "/")
        guard let first = target.first, first != slash else { return true }
        var depth = path.components.count - 1
        for name in target.split(separator: slash) {
            if name.elementsEqual(".".utf8) { continue }
            depth += name.elementsEqual("..".utf8) ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}
