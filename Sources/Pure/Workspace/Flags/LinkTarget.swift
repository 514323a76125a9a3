/// The target of a symbolic link, judged by its text alone.
package enum LinkTarget {
    /// Returns true if the target is absolute, empty, leaves the workspace by `..` from where the link is, or has a `..`
    /// after a name: the name may be a link to a higher directory, as in `s/s/../../x` with `s -> .`.
    package static func leaves(_ target: [UInt8], at path: WorkspacePath) -> Bool {
        let slash = UInt8(ascii: "/")
        guard let first = target.first, first != slash else { return true }
        var above = path.components.count - 1
        var hasName = false
        for name in target.split(separator: slash) where !name.elementsEqual(".".utf8) {
            guard name.elementsEqual("..".utf8) else {
                hasName = true
                continue
            }
            above -= 1
            if hasName || above < 0 { return true }
        }
        return false
    }
}
