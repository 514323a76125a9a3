import InterlockModel
import InterlockWorkspace
import Testing

/// A project in memory, on which steps are made as the file system makes them.
struct ModelProject: Equatable {
    var nodes: [WorkspacePath: TreeNode] = [:]

    init(_ tree: TreeListing) {
        for entry in tree.entries { nodes[entry.path] = entry.node }
    }

    func found(_ path: WorkspacePath) -> FoundEntry {
        switch nodes[path] {
        case nil: .absent
        case .file(_, let mode, let digest, _): .file(digest, mode: mode)
        case .directory(let mode, _, _): .directory(mode: mode)
        case .link(let target): .link(target: target)
        case .hidden, .special, .whiteout: .other
        }
    }

    /// - Throws: a sentence if the file system would refuse.
    mutating func make(_ step: ApplyStep) throws {
        let parent = step.path.parent
        if !parent.isRoot {
            guard case .directory = nodes[parent] else { throw ModelFault("no parent", step.path) }
        }
        switch step.action {
        case .removeFile:
            if case .directory = nodes[step.path] { throw ModelFault("a directory", step.path) }
            nodes[step.path] = nil
        case .removeDirectory:
            let isEmpty = !nodes.keys.contains { $0 != step.path && step.path.contains($0) }
            guard isEmpty else { throw ModelFault("not empty", step.path) }
            nodes[step.path] = nil
        case .makeDirectory(let mode):
            guard nodes[step.path] == nil else { throw ModelFault("exists", step.path) }
            nodes[step.path] = .directory(mode: mode, isOpaque: false, hasAttributes: false)
        case .writeFile(let digest, let size, let mode):
            if case .directory = nodes[step.path] { throw ModelFault("a directory", step.path) }
            nodes[step.path] = .file(
                size: size, mode: mode, digest: digest, hasAttributes: false)
        case .writeLink(let target):
            if case .directory = nodes[step.path] { throw ModelFault("a directory", step.path) }
            nodes[step.path] = .link(target: target)
        case .setMode(let mode):
            nodes[step.path] = .directory(mode: mode, isOpaque: false, hasAttributes: false)
        }
    }

    /// Makes the steps that are left, or at most `most` of them.
    ///
    /// - Parameter isNoted: if false, the journal does not learn of the last step, as after a crash.
    mutating func make(
        _ journal: inout ApplyJournal, most: Int = .max, isNoted: Bool = true
    ) throws {
        var count = 0
        while count < most, case .make(let step, let number) = journal.next {
            count += 1
            switch journal.verdict(ofStep: number, found(step.path)) {
            case .perform: try make(step)
            case .isDone: break
            case .isChanged: throw ModelFault("changed", step.path)
            }
            if isNoted || count < most { journal.noteDone() }
        }
    }
}

struct ModelFault: Error {
    let text: String
    init(_ text: String, _ path: WorkspacePath) { self.text = "\(text): \(path.escaped)" }
}

func path(_ text: String) -> WorkspacePath {
    guard let path = WorkspacePath(Array(text.utf8)) else {
        Issue.record("`\(text)` is a path")
        return .root
    }
    return path
}

/// A digest in the place of a content.
func content(_ number: UInt64) -> Digest { Digest(words: (number, 0, 0, 0)) }

func file(_ number: UInt64, _ mode: UInt16 = 0o644, attributes: Bool = false) -> TreeNode {
    .file(size: Int64(number), mode: mode, digest: content(number), hasAttributes: attributes)
}

func directory(_ mode: UInt16 = 0o755, opaque: Bool = false) -> TreeNode {
    .directory(mode: mode, isOpaque: opaque, hasAttributes: false)
}

func link(_ target: String) -> TreeNode { .link(target: Array(target.utf8)) }

func tree(_ entries: [String: TreeNode]) -> TreeListing {
    guard let tree = TreeListing(entries.map { TreeEntry(path($0.key), $0.value) }) else {
        Issue.record("the paths are distinct")
        return .empty
    }
    return tree
}

let testRun = RunID(milliseconds: 1, random: [UInt8](repeating: 7, count: 10))

func diff(
    _ base: [String: TreeNode], _ upper: [String: TreeNode], prepared: [String: TreeNode] = [:]
) -> WorkspaceDiff {
    let trees = WorkspaceTrees(
        base: tree(base), prepared: tree(prepared),
        upper: tree(upper.merging(prepared) { upper, _ in upper }))
    return WorkspaceDiff(run: testRun, base: content(1), changes: trees.changes())
}
