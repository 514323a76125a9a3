/// A tree that is built within limits.
struct CELTreeBuilder {
    private(set) var tree: CELTree
    /// The height of each node: the number of nodes on the longest path down, itself included.
    private var heights: [Int] = []
    private let limits: CELLimits

    init(_ text: String, limits: CELLimits) {
        tree = CELTree(text: text)
        self.limits = limits
    }

    var count: Int { tree.nodes.count }

    mutating func add(_ kind: CELNode.Kind, at offset: Int) throws(CELProblem) -> CELTree.ID {
        guard count < limits.nodes else {
            throw CELProblem(.tooLarge, at: offset, "more than \(limits.nodes) nodes")
        }
        let height = 1 + (kind.children.map { heights[$0] }.max() ?? 0)
        guard height <= limits.depth else {
            throw CELProblem(.tooLarge, at: offset, "a tree deeper than \(limits.depth) levels")
        }
        heights.append(height)
        return tree.add(kind, at: offset)
    }

    mutating func discard(from first: CELTree.ID) {
        heights.removeLast(count - first)
        tree.discard(from: first)
    }

    consuming func finish(root: CELTree.ID) -> CELTree {
        tree.root = root
        return tree
    }
}
