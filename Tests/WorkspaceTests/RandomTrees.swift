import InterlockModel
import InterlockTesting
import InterlockWorkspace

/// A random project and a random upper over it, without entries that are never applied.
struct RandomTrees {
    let trees: WorkspaceTrees
    /// The project after everything is applied: the merged tree, with what was hidden, and masked modes.
    let expected: TreeListing

    private static let names = ["a", "b", "c", "d.c", "é"]

    init(using chance: inout SeededGenerator) {
        var base: [WorkspacePath: TreeNode] = [:]
        var prepared: [WorkspacePath: TreeNode] = [:]
        Self.fill(.root, depth: 0, &chance) { path, node in base[path] = node }
        for (path, node) in base where Int.random(in: 0..<12, using: &chance) == 0 {
            guard case .file = node else { continue }
            base[path] = .hidden
            prepared[path] = .whiteout
            for ancestor in path.ancestors { prepared[ancestor] = base[ancestor] }
        }
        var upper = prepared
        Self.change(.root, depth: 0, base, &upper, &chance)
        let trees = WorkspaceTrees(
            base: Self.listing(base), prepared: Self.listing(prepared),
            upper: Self.listing(upper))
        self.trees = trees
        let hidden = base.filter { $0.value == .hidden }.map { TreeEntry($0.key, .hidden) }
        var after = Dictionary(
            uniqueKeysWithValues: trees.after.entries.map { ($0.path, $0.node) })
        // A directory that keeps something hidden stays.
        for entry in hidden {
            after[entry.path] = .hidden
            for ancestor in entry.path.ancestors where after[ancestor] == nil {
                after[ancestor] = base[ancestor]
            }
        }
        expected = Self.listing(after)
    }

    private static func listing(_ nodes: [WorkspacePath: TreeNode]) -> TreeListing {
        TreeListing(nodes.map { TreeEntry($0.key, $0.value) }) ?? .empty
    }

    private static func leaf(_ chance: inout SeededGenerator) -> TreeNode {
        Int.random(in: 0..<5, using: &chance) == 0
            ? .link(target: [0x61])
            : file(
                UInt64.random(in: 1...6, using: &chance),
                [0o644, 0o600, 0o755].randomElement(using: &chance) ?? 0)
    }

    private static func fill(
        _ folder: WorkspacePath, depth: Int, _ chance: inout SeededGenerator,
        _ add: (WorkspacePath, TreeNode) -> Void
    ) {
        for name in names where Bool.random(using: &chance) {
            guard let path = folder.appending(name.utf8) else { continue }
            guard depth < 3, Bool.random(using: &chance) else {
                add(path, leaf(&chance))
                continue
            }
            add(path, directory([0o755, 0o700].randomElement(using: &chance) ?? 0))
            fill(path, depth: depth + 1, &chance, add)
        }
    }

    /// Changes entries of a directory of the upper, as an overlay leaves it: no hidden entry is written to, and no
    /// directory with a hidden entry becomes something else.
    private static func change(
        _ folder: WorkspacePath, depth: Int, _ base: [WorkspacePath: TreeNode],
        _ upper: inout [WorkspacePath: TreeNode], _ chance: inout SeededGenerator
    ) {
        for name in names {
            guard let path = folder.appending(name.utf8), base[path] != .hidden else { continue }
            let below = base.contains { $0.value == .hidden && path.contains($0.key) }
            switch Int.random(in: 0..<8, using: &chance) {
            case 0 where base[path] != nil:
                for old in upper.keys where path.contains(old) { upper[old] = nil }
                upper[path] = .whiteout
            case 1 where !below:
                for old in upper.keys where path.contains(old) { upper[old] = nil }
                upper[path] = leaf(&chance)
            case 2 where depth < 3:
                for old in upper.keys where path.contains(old) { upper[old] = nil }
                upper[path] = directory(0o755, opaque: true)
                fill(path, depth: depth + 1, &chance) { path, node in
                    var isDirectory = false
                    if case .directory = node { isDirectory = true }
                    let isHidden = base.contains { other, node in
                        node == .hidden
                            && (other.contains(path) || (!isDirectory && path.contains(other)))
                    }
                    if !isHidden { upper[path] = node }
                }
            case 3...5 where depth < 3:
                guard case .directory = base[path] else { continue }
                if upper[path] == nil { upper[path] = base[path] }
                change(path, depth: depth + 1, base, &upper, &chance)
            default: continue
            }
        }
    }
}
