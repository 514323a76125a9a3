/// The path of an entry below the root of a workspace, as bytes: names on Linux need not be UTF-8.
///
/// Each component has 1 to 255 bytes, contains no NUL and is neither `.` nor `..`; the root itself has no bytes. The
/// order puts the entries below a directory directly after it.
package struct WorkspacePath: Hashable, Comparable, Sendable {
    /// The greatest number of bytes; the kernel's `PATH_MAX` without the final NUL.
    package static let longest = 4095
    package static let longestName = 255
    private static let slash = UInt8(ascii: "/")

    package let bytes: [UInt8]

    package static let root = WorkspacePath(checked: [])

    private init(checked bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: nil if the bytes are not a path of an entry below the root.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= Self.longest else { return nil }
        let names = bytes.split(separator: Self.slash, omittingEmptySubsequences: false)
        guard names.allSatisfy({ Self.isName($0) }) else { return nil }
        self.bytes = Array(bytes)
    }

    /// Returns true if a directory can list the name.
    package static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= longestName else { return false }
        guard !name.contains(where: { $0 == 0 || $0 == slash }) else { return false }
        return name.count > 2 || !name.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    /// Returns the path of an entry of this directory, or nil if `name` is no name or the path would be too long.
    package func appending(_ name: some Collection<UInt8>) -> WorkspacePath? {
        let count = isRoot ? name.count : bytes.count + 1 + name.count
        guard Self.isName(name), count <= Self.longest else { return nil }
        var joined: [UInt8] = []
        joined.reserveCapacity(count)
        if !isRoot {
            joined += bytes
            joined.append(Self.slash)
        }
        joined += name
        return WorkspacePath(checked: joined)
    }

    package var isRoot: Bool { bytes.isEmpty }

    /// The names from the root on; empty for the root.
    package var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    /// The last name; empty for the root.
    package var name: ArraySlice<UInt8> {
        guard let end = bytes.lastIndex(of: Self.slash) else { return bytes[...] }
        return bytes[(end + 1)...]
    }

    /// The directory that lists the entry; the root for the root.
    package var parent: WorkspacePath {
        guard let end = bytes.lastIndex(of: Self.slash) else { return .root }
        return WorkspacePath(checked: Array(bytes[..<end]))
    }

    /// The directories above the entry, nearest first, without the root.
    package var ancestors: [WorkspacePath] {
        var found: [WorkspacePath] = []
        var path = parent
        while !path.isRoot {
            found.append(path)
            path = path.parent
        }
        return found
    }

    /// Returns true for the entry itself and for all entries below it; true for every path if this is the root.
    package func contains(_ other: WorkspacePath) -> Bool {
        let (own, others) = (bytes.span, other.bytes.span)
        guard !own.isEmpty else { return true }
        guard own.count <= others.count else { return false }
        for index in own.indices where own[index] != others[index] { return false }
        return own.count == others.count || others[own.count] == Self.slash
    }

    package static func < (a: WorkspacePath, b: WorkspacePath) -> Bool { order(a, b) < 0 }

    /// Returns a negative number, zero or a positive number. A slash comes before all bytes of names.
    static func order(_ a: WorkspacePath, _ b: WorkspacePath) -> Int {
        let (left, right) = (a.bytes.span, b.bytes.span)
        let count = min(left.count, right.count)
        for index in 0..<count where left[index] != right[index] {
            if left[index] == slash { return -1 }
            if right[index] == slash { return 1 }
            return left[index] < right[index] ? -1 : 1
        }
        return left.count - right.count
    }
}
