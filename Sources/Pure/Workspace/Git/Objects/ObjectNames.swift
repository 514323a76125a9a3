/// Reads the output of `git rev-list --objects` with the objects after the commit that brought them: the line `ID` for a
/// commit, and `ID PATH` for what it has. The first commit and path of each wanted object are kept. A path ends at its
/// first line feed, as Git prints it.
package struct ObjectNames {
    /// The commit that brought an object, and the path at which it did.
    package struct Name: Hashable, Sendable {
        package let commit: ObjectID
        package let path: [UInt8]
    }

    private let format: ObjectFormat
    private var wanted: Set<ObjectID>
    private var line: [UInt8] = []
    private var commit: ObjectID?
    package private(set) var names: [ObjectID: Name] = [:]

    package init(of wanted: Set<ObjectID>, _ format: ObjectFormat) {
        (self.wanted, self.format) = (wanted, format)
    }

    /// The rest of a line beyond the longest path is dropped.
    private var longestLine: Int { format.digits + 1 + WorkspacePath.longest }

    package mutating func take(_ part: Span<UInt8>) throws(ObjectFault) {
        for index in part.indices {
            guard part[index] != UInt8(ascii: "\n") else {
                try end()
                continue
            }
            if line.count < longestLine { line.append(part[index]) }
        }
    }

    private mutating func end() throws(ObjectFault) {
        defer { line.removeAll(keepingCapacity: true) }
        guard let id = ObjectID(line.prefix(format.digits), format) else { throw .line }
        guard line.count > format.digits else {
            commit = id
            return
        }
        guard line[format.digits] == UInt8(ascii: " "), let commit else { throw .line }
        guard wanted.remove(id) != nil else { return }
        names[id] = Name(commit: commit, path: Array(line.dropFirst(format.digits + 1)))
    }
}
